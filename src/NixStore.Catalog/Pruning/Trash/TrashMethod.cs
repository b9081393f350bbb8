namespace NixStore.Catalog.Pruning.Trash;

/// <summary>How what was pruned can come back.</summary>
internal enum TrashMethod
{
    /// <summary>A copy lies in the trash.</summary>
    Copy,
    /// <summary>A delete marker hides the last version, in a bucket that keeps versions.</summary>
    Marker,
    /// <summary>The file was renamed into the trash.</summary>
    Rename,
    /// <summary>It is still there, with a tag, until the bucket's lifecycle takes it.</summary>
    Tag,
}
