using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Configuration;

namespace NixStore.Interop.Tests.Overlay;

/// <summary>An overlay store whose configurations are used as their readers would: by shells that have real Nix and mounts of their own.</summary>
internal sealed class ConfiguredOverlay : IDisposable
{
    // $nix is the beginning of the names of Nix's programs, $dir the test's directory, $root the store's, $known a path of the lower store.
    private const string Prelude = """
        unset NIX_REMOTE NIX_CONFIG NIX_PATH
        mkdir -p /nix
        use() { "$nix-store" --check-validity "$known"; "$nix-store" --add "$dir/new"; }

        """;

    private readonly string _version;

    internal ConfiguredOverlay(string version = RealNix.Newest, string parameters = "")
    {
        _version = version;
        _ = RealNix.Require(version);
        Lab = OverlayLab.OnLabStore(parameters);
        Store = OverlayStoreFactory.Create(Lab.Location, Description);
        Physical = OverlayStoreFactory.Create(OverlayForm.Physical(Lab.Location), Description);
        File.WriteAllText(Lab.Beside("new"), "new");
    }

    internal OverlayLab Lab { get; }

    /// <summary>The store below its root.</summary>
    internal OverlayStore Store { get; }

    /// <summary>The store where it is at /nix/store.</summary>
    internal OverlayStore Physical { get; }

    private OverlayDescription Description => new(Lab.Location.Url, Lab.Root, Lab.Work);

    /// <summary>A program of Nix.</summary>
    internal string Nix(string program) => $"{RealNix.LabDirectory}/nix/bin/{_version}-{program}";

    /// <summary>A configuration that is one text.</summary>
    internal static string Write(OverlayStore store, OverlayConfigurationFormat format, int? userId = null)
        => Assert.Single(OverlayConfigurations.Write(new OverlayDeployment { Store = store, UserId = userId }, format));

    /// <summary>Writes a configuration into a file of the test's directory.</summary>
    internal string Save(string name, string text)
    {
        var path = Lab.Beside(name);
        File.WriteAllText(path, text + "\n");
        return path;
    }

    /// <summary>Runs a script in a mount namespace of its own; it must succeed.</summary>
    internal string Run(string script, params string[] arguments) => Command.Run(new Dictionary<string, string>
    {
        ["HOME"] = Lab.Beside("home"),
        ["dir"] = Path.GetDirectoryName(Lab.Beside("x"))!,
        ["root"] = Lab.Root,
        ["nix"] = $"{RealNix.LabDirectory}/nix/bin/{_version}",
        ["known"] = Known,
        ["CONTAINER_IMAGE"] = $"{RealNix.LabDirectory}/nix",
    }, "unshare", ["-m", "--propagation", "private", "/bin/bash", "-euc", Prelude + script, .. arguments]);

    /// <summary>The file that was added is in the upper layer, and what was known is not.</summary>
    internal void RequireAdded(string output)
    {
        var added = output.Split('\n')[^1];
        Assert.StartsWith("/nix/store/", added, StringComparison.Ordinal);
        Assert.True(Path.Exists($"{Lab.Upper}/{Path.GetFileName(added)}"), $"{added} is not in the upper layer");
        Assert.False(Path.Exists($"{Lab.Upper}/{Path.GetFileName(Known)}"));
    }

    public void Dispose() => Lab.Dispose();

    private string Known => Lab.LowerPath("app-2.0");
}
