using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Mounting;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>A directory in which a test makes overlay stores as New-OverlayStore does; what is mounted below it goes with it.</summary>
public sealed class MadeOverlay : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public MadeOverlay() => Skip.IfNot(Environment.IsPrivilegedProcess, "NOT ROOT: overlay stores need mount(2)");

    /// <summary>The directory.</summary>
    public string Path => _directory.Path;

    /// <summary>A place of the test's own.</summary>
    public string this[string name] => _directory[name];

    /// <summary>What New-OverlayStore -Path ov would be asked for.</summary>
    public OverlayRequest On(string lower) => new() { LowerStore = lower, Path = this["ov"] };

    /// <summary>Makes a store.</summary>
    public StoreLocation Make(OverlayRequest request)
    {
        var maker = OverlayMaker.Plan(request);
        maker.Make();
        return maker.Store;
    }

    /// <summary>Makes and mounts a store.</summary>
    public StoreLocation Mount(OverlayRequest request)
    {
        var store = Make(request);
        OverlayMounter.Mount(store, null);
        return store;
    }

    public void Dispose()
    {
        foreach (var line in MountLine.ReadAll().Where(line => line.Point.StartsWith(_directory.Path + "/", StringComparison.Ordinal)).Reverse())
        {
            Command.Run("umount", "-l", line.Point);
        }

        _directory.Dispose();
    }
}
