using NixStore.Engine.Stores;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Overlay;

/// <summary>An overlay store that a script mounts, rightly or wrongly, on a small store; every mount below its directory goes with it.</summary>
internal sealed class Mounted : IDisposable
{
    private readonly TemporaryDirectory? _directory;
    private readonly string _valid;
    private readonly string _lower;
    private readonly string _upper;
    private readonly string _more;
    private readonly bool _isReadOnly;

    /// <param name="script">What mounts it: $D is the test's directory, $L and $U the layers, $W the work directory, $M the mount point.</param>
    /// <param name="name">The last part of the name of the test's directory.</param>
    internal Mounted(string script, string name = "test")
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "NOT ROOT: overlay stores need mount(2)");
        _ = RealNix.Require();
        _directory = new TemporaryDirectory();
        Root = _directory[name];
        (_lower, _upper, _more, _isReadOnly) = ($"{Root}/lower", $"{Root}/upper", "", true);
        foreach (var made in (string[])[_lower, _upper, $"{Root}/work", $"{Root}/root/nix/store"])
        {
            Directory.CreateDirectory(made);
        }

        using var lower = new SmallStore(StoreLocator.Locate(_lower));
        _valid = lower.Full(lower.Add("valid").Name);
        using var own = new SmallStore(Store.Own);
        File.WriteAllText($"{Root}/hook", "#!/bin/sh\n");
        File.SetUnixFileMode($"{Root}/hook", (UnixFileMode)0b111_101_101);
        try
        {
            Command.Run("/bin/bash", "-euc", $"D=$1 L=$1/lower/nix/store U=$1/upper W=$1/work M=$1/root/nix/store\n{script}", "shell", Root);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private Mounted(Mounted other, string lower, string upper, string more, bool isReadOnly)
    {
        (Root, _valid) = (other.Root, other._valid);
        (_lower, _upper, _more, _isReadOnly) = (lower, upper, more, isReadOnly);
    }

    /// <summary>The test's directory.</summary>
    internal string Root { get; }

    internal StoreLocation Store => StoreLocator.Locate($"local-overlay://?{Parameters}");

    /// <summary>
    /// Whether real Nix opens the store, and finds the path of the lower store in its rows. It is asked more than once: the table of mounts is read in
    /// pieces, and while others on this machine mount and unmount, Nix can miss a line of it.
    /// </summary>
    internal bool Passes => Enumerable.Range(0, 3).Any(_ => Say().Length == 0);

    private string Parameters => $"root={Encoded($"{Root}/root")}&lower-store={Encoded($"local?root={Encoded(_lower)}{(_isReadOnly ? "&read-only=true" : "")}")}"
        + $"&upper-layer={Encoded(_upper)}&remount-hook={Encoded($"{Root}/hook")}{_more}";

    /// <summary>The same with other parameters.</summary>
    internal Mounted With(string? lower = null, string? upper = null, bool isReadOnly = true) => new(this, lower ?? _lower, upper ?? _upper, _more, isReadOnly);

    /// <summary>The same with check-mount=false.</summary>
    internal Mounted WithoutCheck() => new(this, _lower, _upper, "&check-mount=false", _isReadOnly);

    /// <summary>What real Nix says when it fails; nothing when it does not.</summary>
    internal string Say(string program = "nix234-store", string feature = "local-overlay-store read-only-local-store")
    {
        var result = Command.Try(
            new Dictionary<string, string> { ["HOME"] = $"{Root}", ["NIX_PATH"] = "", ["NIX_REMOTE"] = "", ["NIX_CONFIG"] = $"extra-experimental-features = {feature}" },
            PhysicalNix.Program(program), ["--store", $"local-overlay://?{Parameters}", "--check-validity", _valid]);
        return result.ExitCode == 0 ? "" : result.Error;
    }

    /// <summary>What is found, without what a test's own hand changed in the lower store.</summary>
    internal List<OverlayFinding> Look() => [.. OverlayUnderTest.Look(Store).Where(finding => finding.Kind != OverlayFindingKind.LowerChanged)];

    public void Dispose()
    {
        if (_directory is not null)
        {
            try
            {
                // Names may have anything in them, which the table writes as octal numbers.
                Command.Run("/bin/bash", "-c", "cut -d' ' -f2 /proc/self/mounts | while read -r m; do m=$(printf '%b' \"$m\"); case $m in \"$1\"/*) echo \"$m\";; esac; done | tac "
                    + "| while IFS= read -r m; do umount -l \"$m\"; done", "shell", _directory.Path);
            }
            finally
            {
                _directory.Dispose();
            }
        }
    }

    private static string Encoded(string text) => Uri.EscapeDataString(text);
}
