namespace NixStore.Catalog.Inventories;

/// <summary>Where the files of a report are.</summary>
internal interface IInventoryPlace
{
    /// <summary>Path or URL of the manifest.</summary>
    string Source { get; }

    /// <summary>The manifest.</summary>
    byte[] ReadManifest(CancellationToken cancellation);

    /// <summary>The file <c>manifest.checksum</c>; null when there is none.</summary>
    byte[]? TryReadChecksum(CancellationToken cancellation);

    /// <summary>A data file as a local file, and its MD5.</summary>
    /// <exception cref="NixStoreException">InventoryFileMissing; errors of reading.</exception>
    InventoryDataFile Get(InventoryFile file, string temporaryDirectory, CancellationToken cancellation);
}
