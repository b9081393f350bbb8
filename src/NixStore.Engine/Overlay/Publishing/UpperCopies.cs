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

    /// <summary>Removes copies, whose lower ones the caller has proved and protected. One that cannot be removed is told of and stays.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="removed">Told of each that went.</param>
    /// <param name="failed">Told of each that stays.</param>
    /// <returns>What keeps the kernel from noticing; null when nothing does.</returns>
    /// <exception cref="StoreIOException">No staging directory can be made in the upper layer.</exception>
    internal NixStoreException? Remove(
        IReadOnlyList<ValidPathInfo> paths, Action<OverlayDuplicate> removed, Action<StorePath, NixStoreException> failed)
    {
        using var staging = StagingDirectory.Create(_upper);
        var gone = new List<OverlayDuplicate>();
        foreach (var info in paths)
        {
            try
            {
                var usage = Look(info.Path);
                TreeMove.Move(_upper, ByteName.From(info.Path.BaseName), staging.Directory, staging.NewName(), replaces: false);
                gone.Add(Describe(info, usage, isPrediction: false));
            }
            catch (StoreIOException error)
            {
                failed(info.Path, error);
            }
        }

        var obstacle = OverlayRefresh.Refresh(_overlay);
        gone.ForEach(removed);
        return obstacle;
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
}
