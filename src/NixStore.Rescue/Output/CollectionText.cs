namespace NixStore.Rescue.Output;

/// <summary>Says in a few words what a collection did.</summary>
internal static class CollectionText
{
    /// <summary>For example <c>120 deleted, 3.2 GiB freed, 1 in use, 0 failed</c>.</summary>
    public static string Describe(StoreCollection collection)
    {
        var removed = collection.Trashed ? "put into the trash" : "deleted";
        var freed = collection.Trashed ? "to be freed" : "freed";
        return $"{collection.RemovedCount} {removed}, {ByteSize.Format(collection.FreedBytes)} {freed}, "
            + $"{collection.InUseCount} in use, {collection.FailedCount} failed";
    }
}
