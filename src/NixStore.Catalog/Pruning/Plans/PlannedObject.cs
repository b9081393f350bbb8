namespace NixStore.Catalog.Pruning.Plans;

/// <summary>An object that is deleted: a row of the table <c>objects</c>.</summary>
/// <param name="Key">Its name in the cache.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Size">Its bytes; null when no inventory knows it.</param>
/// <param name="ETag">Its state; null when no inventory knows it.</param>
/// <param name="LastModified">When it was written; null when no inventory knows it.</param>
/// <param name="StorageClass">Its storage class; null when no inventory says.</param>
/// <param name="HashPart">Of the path that it belongs to; of several, the least; null of a NAR that no narinfo names.</param>
public sealed record PlannedObject(
    string Key, BinaryCacheObjectKind Kind, long? Size, string? ETag, DateTimeOffset? LastModified, string? StorageClass, string? HashPart)
{
    /// <summary>When it goes: NARs (2) after all others (1).</summary>
    public int Wave => WaveOf(Kind);

    /// <summary>When objects of a kind go.</summary>
    public static int WaveOf(BinaryCacheObjectKind kind) => kind == BinaryCacheObjectKind.Nar ? 2 : 1;
}
