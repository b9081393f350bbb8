namespace NixStore.Engine.Transfer;

/// <summary>Makes metadata to import by of an object that came through a pipeline.</summary>
public static class ImportMetadata
{
    /// <summary>What the object says, for a store with this logical directory.</summary>
    /// <exception cref="NixStoreException">MetadataIncomplete: no path or hash; InvalidStorePath, NotInStoreDirectory: it is of another store directory.</exception>
    public static ValidPathInfo From(StorePathInfo path, StoreDirectory directory)
    {
        if (path.StorePath is null || path.NarHash is null)
        {
            throw new NixStoreException("MetadataIncomplete", StoreErrorKind.InvalidArgument,
                $"'{path.Path}' has no hash by which a NAR could be known.", path.Path, "Take the object of a valid path.");
        }

        return new ValidPathInfo
        {
            Path = directory.Parse(path.Path),
            NarHash = path.NarHash,
            NarSize = path.NarSize ?? 0,
            References = [.. path.References.Select(directory.Parse).Order()],
            Deriver = path.Deriver is null ? null : directory.Parse(path.Deriver),
            Signatures = path.Signatures,
            ContentAddress = path.ContentAddress,
        };
    }
}
