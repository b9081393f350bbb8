using NixStore.Catalog.Pruning.Plans;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>An object as it is in a bucket or folder at this moment.</summary>
/// <param name="Key">Its name in the cache.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">The bucket's tag of the contents, without quotes; of a file its size and time, as in a catalog.</param>
/// <param name="LastModified">When it was written last.</param>
/// <param name="StorageClass">The bucket's storage class; null where there is none.</param>
/// <param name="Version">Its version, in a bucket that keeps versions.</param>
/// <param name="Marker">The version of the delete marker that hides it; null when nothing does.</param>
internal sealed record ObjectState(
    string Key, long Size, string? ETag, DateTimeOffset LastModified, string? StorageClass = null, string? Version = null, string? Marker = null)
{
    // Headers say seconds, listings milliseconds, and some servers round.
    private static readonly TimeSpan s_resolution = TimeSpan.FromSeconds(1);

    /// <summary>True when it can be read: it is there, and no delete marker hides it.</summary>
    public bool IsThere => Marker is null;

    /// <summary>For people: which one it is.</summary>
    public string Told => $"it is of {LastModified:u}, {Size} bytes, tag {ETag}";

    /// <summary>True when it is what a plan has seen. The same bytes that were written anew are something else: somebody wants them.</summary>
    /// <param name="planned">What the plan has seen.</param>
    /// <param name="unknownBefore">Where the plan does not know the time: what is newer than this is something else.</param>
    public bool IsSame(PlannedObject planned, DateTimeOffset unknownBefore)
        => (planned.Size is not { } size || size == Size)
            && (planned.ETag is not { } tag || ETag is null || tag == ETag)
            && (planned.LastModified is { } time ? (LastModified - time).Duration() < s_resolution : LastModified < unknownBefore);
}
