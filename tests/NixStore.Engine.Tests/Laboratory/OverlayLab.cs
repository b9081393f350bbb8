using NixStore.Engine.Native;
using NixStore.Engine.Overlay;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>
/// An overlay store on real overlayfs, mounted where every process of this machine sees it, on top of a lower store of the test's own.
/// </summary>
public sealed class OverlayLab : IDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly IDisposable? _lower;

    private OverlayLab(StoreLocation lower, IDisposable? owner, string parameters, string? below = null)
    {
        _directory = new TemporaryDirectory(below);
        _lower = owner;
        Lower = lower;
        Location = StoreLocator.Locate(
            $"local-overlay://?root={Root}&lower-store={Uri.EscapeDataString(lower.Url + "&read-only=true")}&upper-layer={Upper}{parameters}");
        foreach (var made in (string[])[Upper, Work, Location.RealDirectory])
        {
            Directory.CreateDirectory(made);
        }

        try
        {
            Mount();
            Paths = new SmallStore(Location);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The overlay store.</summary>
    public StoreLocation Location { get; }

    /// <summary>The lower store, not read-only.</summary>
    public StoreLocation Lower { get; }

    /// <summary>The root of the overlay store.</summary>
    public string Root => _directory["root"];

    /// <summary>The upper layer.</summary>
    public string Upper => _directory["upper"];

    /// <summary>overlayfs's work directory.</summary>
    public string Work => _directory["work"];

    /// <summary>A directory of the test's own beside the store.</summary>
    public string Beside(string name) => _directory[name];

    /// <summary>The full logical path of the lower store whose name is <paramref name="name"/>.</summary>
    public string LowerPath(string name) => LabStore.PathOf(Lower, name);

    /// <summary>Adds small paths to the overlay.</summary>
    public SmallStore Paths { get; }

    /// <summary>On a copy of the signed store that real Nix has built.</summary>
    public static OverlayLab OnLabStore(string parameters = "")
    {
        RequireMounts();
        var lower = LabStore.Signed();
        return new OverlayLab(lower.Location, lower, parameters);
    }

    /// <summary>On a store of small paths, each of which refers to the one before it.</summary>
    public static OverlayLab OnSmallStore(params string[] paths)
    {
        RequireMounts();
        var lower = new SmallStore(paths);
        return new OverlayLab(lower.Location, lower, "");
    }

    /// <summary>On an empty store, both below a directory.</summary>
    public static OverlayLab OnSmallStoreBelow(string directory)
    {
        RequireMounts();
        var lower = new SmallStore(StoreLocator.Locate(Directory.CreateDirectory($"{directory}/lower").FullName));
        return new OverlayLab(lower.Location, lower, "", directory);
    }

    /// <summary>On a store that stays the caller's.</summary>
    public static OverlayLab On(StoreLocation lower, string parameters = "")
    {
        RequireMounts();
        return new OverlayLab(lower, null, parameters);
    }

    /// <summary>Mounts the overlay, again too.</summary>
    public void Mount()
    {
        try
        {
            OverlayMount.Mount(Location, Work);
        }
        catch (StoreIOException error) when (error.ErrorNumber is 1 or 13 or 22)
        {
            Skip.If(true, $"NOT PERMITTED: {error.Message}; overlay stores need root and a file system that can be an upper layer (TMPDIR)");
        }
    }

    /// <summary>Remounts the overlay.</summary>
    public void Remount() => OverlayMount.Remount(Location);

    /// <summary>Unmounts the overlay, as soon as nothing in it is open: what was until now may be so in a process that another test is just starting.</summary>
    public void Unmount() => Assert.True(SpinWait.SpinUntil(TryUnmount, TimeSpan.FromMinutes(2)), "it stays busy");

    /// <summary>Unmounts the overlay, and waits until the mount namespaces that other tests made meanwhile, with copies of all mounts, are gone.</summary>
    public void UnmountEverywhere()
    {
        Unmount();
        Assert.True(SpinWait.SpinUntil(() => LayerMounts.FindWriting(Upper).Count == 0, TimeSpan.FromMinutes(5)));
    }

    public void Dispose()
    {
        const int detach = 2;
        while (MountLine.FindAt(Location.RealDirectory) is not null)
        {
            OverlayMount.Unmount(Location, detach);
        }

        _directory.Dispose();
        _lower?.Dispose();
    }

    private bool TryUnmount()
    {
        try
        {
            OverlayMount.Unmount(Location);
            return true;
        }
        catch (StoreIOException error) when (error.ErrorNumber == Errno.Busy)
        {
            return false;
        }
    }

    private static void RequireMounts() => Skip.IfNot(Environment.IsPrivilegedProcess, "NOT ROOT: overlay stores need mount(2)");
}
