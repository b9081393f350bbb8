using NixStore.Catalog.Pruning.Objects;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>Which way objects are taken, and come back.</summary>
internal static class Removals
{
    /// <summary>The way that suits a cache.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="mode">What is wanted.</param>
    /// <param name="isElsewhere">The trash is at a place of its own, so that there must be copies.</param>
    /// <exception cref="NixStoreException">PruneModeNotSupported; errors of the way there.</exception>
    internal static async Task<TrashMethod> Choose(IObjectControl cache, BinaryCachePruneMode mode, bool isElsewhere) => (mode, cache) switch
    {
        (BinaryCachePruneMode.Tag, S3Objects) => TrashMethod.Tag,
        (BinaryCachePruneMode.Tag, _) => throw new NixStoreException("PruneModeNotSupported", StoreErrorKind.NotSupported,
            $"'{cache.Address}' is a folder: its files have no tags, and nothing that would delete them by those.", cache.Address, "Use -Mode Trash."),
        (_, FolderObjects) => TrashMethod.Rename,
        (_, S3Objects bucket) when !isElsewhere && await bucket.KeepsVersions.ConfigureAwait(false) => TrashMethod.Marker,
        _ => TrashMethod.Copy,
    };

    /// <summary>Makes it.</summary>
    /// <param name="method">Which.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="trash">The plan's folder in the trash.</param>
    /// <param name="unknownBefore">Objects whose time the plan does not know are another's when they are newer than this.</param>
    /// <param name="clock">The time.</param>
    internal static IRemoval Open(TrashMethod method, IObjectControl cache, TrashFolder trash, DateTimeOffset unknownBefore, TimeProvider clock) => (method, cache, trash.Control) switch
    {
        (TrashMethod.Rename, FolderObjects folder, FolderObjects) => new RenameRemoval(folder, trash, clock, unknownBefore),
        (TrashMethod.Copy, S3Objects bucket, S3Objects) => new CopyRemoval(bucket, trash, clock, unknownBefore),
        (TrashMethod.Marker, S3Objects bucket, _) => new MarkerRemoval(bucket, clock, unknownBefore),
        (TrashMethod.Tag, S3Objects bucket, _) => new TagRemoval(bucket, trash.PlanId, clock, unknownBefore),
        _ => throw new NixStoreException("TrashElsewhere", StoreErrorKind.InvalidArgument, $"The trash '{trash.Control.Address}' is not of the same sort as the cache '{cache.Address}'.",
            trash.Control.Address, "Give a bucket of the same server for a bucket, and a folder for a folder."),
    };
}
