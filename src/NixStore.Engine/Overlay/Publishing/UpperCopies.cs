using NixStore.Engine.Liveness;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Trees;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>
/// Removes the upper copies of paths that the lower store has. Through the mount it would leave whiteouts, so it goes by the directory of the
/// layer: the copies are renamed away, the overlay is remounted, and only then the files go. The rows stay, as copies of the lower store's.
/// </summary>
internal sealed class UpperCopies
{
    private readonly StoreLocation _overlay;
    private readonly FileDescriptor _upper;
    private readonly ReclaimableSpace _space = new(new HashSet<ulong>());

    /// <param name="overlay">The overlay store.</param>
    /// <param name="upper">The open directory of its upper layer.</param>
    internal UpperCopies(StoreLocation overlay, FileDescriptor upper) => (_overlay, _upper) = (overlay, upper);

    /// <summary>What would come free if a copy went after those that were asked about or removed before.</summary>
    /// <exception cref="StoreIOException"/>
    internal OverlayDuplicate Predict(ValidPathInfo info) => Describe(info, Look(info.Path), isPrediction: true);

    /// <summary>
    /// Removes copies, whose lower ones the caller has proved, protected and made durable. Where the overlay cannot be remounted they come back:
    /// whoever has it mounted would read directories as empty.
    /// </summary>
    /// <param name="paths">The paths.</param>
    /// <param name="removed">Told of each that went.</param>
    /// <param name="failed">Told of each that stays, and why.</param>
    /// <exception cref="StoreIOException">No staging directory can be made in the upper layer.</exception>
    internal void Remove(IReadOnlyList<ValidPathInfo> paths, Action<OverlayDuplicate> removed, Action<StorePath, NixStoreException> failed)
    {
        IReadOnlyList<SetAside> aside;
        NixStoreException? obstacle;
        using (var staging = StagingDirectory.Create(_upper))
        {
            aside = PutAside(paths, staging, failed);
            obstacle = aside.Count == 0 ? null : OverlayRemount.TryRun(_overlay);
            if (obstacle is not null)
            {
                PutBack(aside, staging, obstacle, failed);
            }
        }

        if (obstacle is null)
        {
            foreach (var copy in aside)
            {
                removed(Describe(copy.Info, copy.Usage, isPrediction: false));
            }
        }
    }

    private List<SetAside> PutAside(IReadOnlyList<ValidPathInfo> paths, StagingDirectory staging, Action<StorePath, NixStoreException> failed)
    {
        var aside = new List<SetAside>();
        foreach (var info in paths)
        {
            try
            {
                var copy = new SetAside(info, Look(info.Path), staging.NewName());
                TreeMove.Move(_upper, ByteName.From(info.Path.BaseName), staging.Directory, copy.Name, replaces: false);
                aside.Add(copy);
            }
            catch (StoreIOException error)
            {
                failed(info.Path, error);
            }
        }

        return aside;
    }

    private void PutBack(
        IReadOnlyList<SetAside> aside, StagingDirectory staging, NixStoreException obstacle, Action<StorePath, NixStoreException> failed)
    {
        foreach (var copy in aside)
        {
            try
            {
                TreeMove.Move(staging.Directory, copy.Name, _upper, ByteName.From(copy.Info.Path.BaseName), replaces: false);
                failed(copy.Info.Path, obstacle);
            }
            catch (StoreIOException error)
            {
                failed(copy.Info.Path, error);
            }
        }
    }

    private TreeUsage Look(StorePath path)
    {
        var tree = new DoomedTree();
        tree.Look(_upper, ByteName.From(path.BaseName));
        return TreeUsage.Of(tree);
    }

    private OverlayDuplicate Describe(ValidPathInfo info, TreeUsage usage, bool isPrediction) => new()
    {
        Store = _overlay.Url,
        LowerStore = _overlay.Overlay!.WritableLower.Url,
        Path = _overlay.Directory.Print(info.Path),
        NarSize = info.NarSize,
        BytesFreed = _space.Add(usage),
        IsPrediction = isPrediction,
    };

    /// <summary>A copy that was renamed away.</summary>
    private sealed record SetAside(ValidPathInfo Info, TreeUsage Usage, byte[] Name);
}
