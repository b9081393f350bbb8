using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Mounting;

/// <summary>Makes overlay stores. Whatever is there and right is left alone, so it can be repeated, after a crash as well.</summary>
public sealed class OverlayMaker
{
    private const int DirectoryMode = 0b111_101_101;
    private const int WorkMode = 0b111_000_000;

    // What a store's directory may have: sticky, and writable for the group of its builders.
    private const int StoreMode = 0b001_111_111_101;

    private readonly OverlayLayout _layout;

    private OverlayMaker(OverlayLayout layout) => _layout = layout;

    /// <summary>Finds out whether and where a store can be made. Nothing is changed.</summary>
    /// <exception cref="NixStoreException">Why it cannot be: the ids of the documentation of New-OverlayStore.</exception>
    /// <exception cref="StoreIOException"/>
    public static OverlayMaker Plan(OverlayRequest request)
    {
        var layout = OverlayArchitect.Plan(request);
        EnsureFree(layout);
        return new OverlayMaker(layout);
    }

    /// <summary>The store as its user names it.</summary>
    public StoreLocation Store => _layout.Store;

    /// <summary>Makes it; it is not mounted yet.</summary>
    /// <exception cref="NixStoreException">StoreNotCreated</exception>
    /// <exception cref="StoreIOException"/>
    public void Make()
    {
        var (made, upper) = (_layout.Made, _layout.Layers.UpperLayer);
        MakeDirectory(_layout.Root, DirectoryMode);
        MakeDirectory($"{_layout.Root}/nix", DirectoryMode);
        MakeDirectory(made.StateDirectory, DirectoryMode);

        // First of all: it says whose the rest is.
        if (OverlayDescription.TryRead(made) != _layout.Description)
        {
            _layout.Description.Write(made.StateDirectory);
        }

        MakeDirectory(_layout.WorkDirectory, WorkMode);
        MakeUpper(upper);
        MakeDirectory(made.RealDirectory, DirectoryMode);
        StoreCreator.EnsureExists(made);
        if (_layout.MakesHook && !RemountHook.IsWritten(_layout.Layers.RemountHook!))
        {
            RemountHook.Write(_layout.Layers.RemountHook!);
        }
    }

    /// <summary>Tells of the store as it is now.</summary>
    /// <exception cref="StoreIOException"/>
    public OverlayStore Describe() => OverlayStoreFactory.Create(_layout.Store, _layout.Description);

    /// <summary>Nothing that somebody has there becomes part of a store whose rows know nothing of it.</summary>
    private static void EnsureFree(OverlayLayout layout)
    {
        var (made, upper) = (layout.Made, layout.Layers.UpperLayer);
        if (OverlayDescription.TryRead(made) is { } before)
        {
            if (before != layout.Description)
            {
                throw new NixStoreException("OverlayStoreExists", StoreErrorKind.InvalidArgument,
                    $"There is another overlay store in '{layout.Root}': {before.Store}, with the work directory '{before.WorkDirectory}'.", layout.Root,
                    "Give the same parameters again, or another directory (-Path).");
            }

            return;
        }

        if (Posix.TryStatus(made.DatabasePath, out _, out _) || HasEntries(made.RealDirectory))
        {
            throw new NixStoreException("OverlayStoreExists", StoreErrorKind.InvalidArgument,
                $"There is a store with contents in '{layout.Root}' already.", layout.Root,
                "Choose an empty directory. An overlay store that was set up by hand is mounted by Mount-OverlayStore -Store URL -WorkDirectory DIR.");
        }

        foreach (var (place, what) in (ReadOnlySpan<(string, string)>)[(upper, "upper layer"), (layout.WorkDirectory, "work directory")])
        {
            if (HasEntries(place))
            {
                throw new NixStoreException("OverlayDirectoryNotEmpty", StoreErrorKind.InvalidArgument,
                    $"'{place}' has contents, which as the {what} of a new store would have no rows, or be removed by the kernel.", place,
                    "Choose an empty directory.");
            }
        }
    }

    private static bool HasEntries(string directory) => Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any();

    /// <summary>What is seen of the mounted store's directory is the upper layer's: it gets owner and mode of the lower store's.</summary>
    private void MakeUpper(string upper)
    {
        MakeDirectory(upper, DirectoryMode);
        if (Posix.EffectiveUserId == 0 && !HasEntries(upper) && Posix.TryStatus(_layout.Layers.Lower.RealDirectory, out var lower, out _))
        {
            Posix.FchownAt(FileDescriptor.WorkingDirectory, ByteName.From(upper), lower.Owner, lower.Group);
            Posix.FchmodAt(FileDescriptor.WorkingDirectory, ByteName.From(upper), (lower.Mode & StoreMode) | DirectoryMode);
        }
    }

    /// <summary>Makes a directory that is not there, and those above it.</summary>
    private static void MakeDirectory(string path, int mode)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (Path.GetDirectoryName(path) is { Length: > 1 } parent)
        {
            MakeDirectory(parent, DirectoryMode);
        }

        Posix.MkdirAt(FileDescriptor.WorkingDirectory, ByteName.From(path), mode);
        Posix.FchmodAt(FileDescriptor.WorkingDirectory, ByteName.From(path), mode);
    }
}
