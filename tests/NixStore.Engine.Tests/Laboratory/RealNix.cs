using System.Diagnostics;
using NixStore.Engine.Overlay;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>One of the real Nix versions that tests/interop/get-nix.sh installs; what needs a missing one is skipped.</summary>
public sealed class RealNix
{
    public const string Newest = "nix234";

    /// <summary>What is in the words of a verification that is not content, whatever its exit code.</summary>
    private static readonly string[] s_complaints = ["error", "modified", "disappeared"];

    private readonly string _prefix;
    private readonly Dictionary<string, string> _environment;

    private RealNix(string prefix, string home)
    {
        _prefix = prefix;
        _environment = new() { ["HOME"] = home, ["NIX_PATH"] = "", ["NIX_REMOTE"] = "", ["NIX_CONFIG"] = "" };
    }

    /// <summary>The versions, as data of a theory.</summary>
    public static TheoryData<string> Versions => [Newest, "nix226", "nix28"];

    /// <summary>Those that have overlay stores.</summary>
    public static TheoryData<string> OverlayVersions => [Newest, "nix226"];

    /// <summary>Where Nix, keys and lab stores are kept.</summary>
    public static string LabDirectory => Environment.GetEnvironmentVariable("NIXLAB") is { Length: > 0 } given
        ? given : $"{Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)}/.cache/nixstore";

    /// <summary>A version, or the end of the test with a loud reason.</summary>
    public static RealNix Require(string version = Newest)
    {
        var prefix = $"{LabDirectory}/nix/bin/{version}";
        Skip.IfNot(File.Exists(prefix), $"REAL NIX MISSING: there is no {prefix}; run tests/interop/get-nix.sh");
        return new RealNix(prefix, Directory.CreateDirectory($"{LabDirectory}/home").FullName);
    }

    /// <summary>Runs <c>nix-store</c> on a store; it must succeed.</summary>
    public string Store(StoreLocation store, params string[] arguments)
        => Command.Run(EnvironmentFor(store), $"{_prefix}-store", ["--store", store.Url, .. arguments]);

    /// <summary>Runs <c>nix-store</c> on a store; it may fail.</summary>
    public CommandResult TryStore(StoreLocation store, params string[] arguments)
        => Command.Try(EnvironmentFor(store), $"{_prefix}-store", ["--store", store.Url, .. arguments]);

    /// <summary>Asserts that <c>nix-store --verify --check-contents</c> finds nothing wrong.</summary>
    public void Verify(StoreLocation store)
    {
        var result = VerifyOnce();

        // The table of mounts is read in pieces: while others on this machine mount and unmount, Nix can miss a line of it.
        if (result.Error.Contains("mounted incorrectly", StringComparison.Ordinal) && OverlayMount.IsMounted(store))
        {
            result = VerifyOnce();
        }

        Assert.True(result.ExitCode == 0 && !s_complaints.Any(word => result.Error.Contains(word, StringComparison.Ordinal)), $"{store.Url}: {result.Error}");

        CommandResult VerifyOnce() => TryStore(store, "--verify", "--check-contents");
    }

    /// <summary>Runs <c>nix-instantiate</c> on a store; it must succeed.</summary>
    public string Instantiate(StoreLocation store, string expression, params string[] options)
        => Command.Run(EnvironmentFor(store), $"{_prefix}-instantiate", ["--store", store.Url, .. options, "--expr", expression]);

    /// <summary>Runs <c>nix path-info</c>; it must succeed.</summary>
    public string PathInfo(StoreLocation store, params string[] arguments) => Command.Run(EnvironmentFor(store), _prefix,
        ["--extra-experimental-features", "nix-command", "path-info", "--store", store.Url, .. arguments]);

    /// <summary>Starts <c>nix-store</c> and does not wait.</summary>
    public Process StartStore(StoreLocation store, IReadOnlyDictionary<string, string> environment, params string[] arguments)
        => Command.Start($"{_prefix}-store", ["--store", store.Url, .. arguments],
            EnvironmentFor(store).Concat(environment).ToDictionary(pair => pair.Key, pair => pair.Value));

    private Dictionary<string, string> EnvironmentFor(StoreLocation store) => store.Overlay is null ? _environment
        : new(_environment) { ["NIX_CONFIG"] = "extra-experimental-features = local-overlay-store read-only-local-store" };
}
