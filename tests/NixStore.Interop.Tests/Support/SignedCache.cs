using NixStore.Engine.Signatures;

namespace NixStore.Interop.Tests.Support;

/// <summary>A binary cache of a whole lab store, made and signed by real Nix.</summary>
public sealed class SignedCache : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private SignedCache()
    {
    }

    /// <summary>Makes a cache of everything in a store.</summary>
    internal SignedCache(string root)
    {
        var made = PhysicalNix.Run(root, "nix234", "copy", "--all", "--to", Url);
        Assert.True(made.ExitCode == 0, made.Error);
    }

    /// <summary>Where its files are.</summary>
    public string Directory => _directory["cache"];

    /// <summary>Its address.</summary>
    public string Url => $"file://{Directory}";

    /// <summary>The key it is signed with.</summary>
    public static TrustedKeys Keys => TrustedKeys.Parse([PublicKey]);

    /// <summary>What makes real Nix take from it.</summary>
    internal string[] NixOptions => ["--option", "substituters", Url, "--option", "trusted-public-keys", PublicKey, "--option", "require-sigs", "true"];

    /// <summary>The key, as users give it.</summary>
    internal static string PublicKey => File.ReadAllText($"{RealNix.LabDirectory}/keys/lab-1.pub").Trim();

    /// <summary>The same files at another address.</summary>
    internal static SignedCache CopyOf(SignedCache original)
    {
        var copy = new SignedCache();
        Command.Run("cp", "-a", "--reflink=auto", original.Directory, copy.Directory);
        return copy;
    }

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();
}
