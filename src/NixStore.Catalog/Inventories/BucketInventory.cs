using System.Security.Cryptography;
using System.Text;
using NixStore.Caches.BinaryCaches;

namespace NixStore.Catalog.Inventories;

/// <summary>A report in the bucket that it was delivered to. Its data files are fetched as they are needed and removed again.</summary>
/// <param name="bucket">The bucket, opened as a cache would be: whatever the address and the credentials are like, it is the same.</param>
/// <param name="manifestKey">Key of the manifest.</param>
internal sealed class BucketInventory(BinaryCache bucket, string manifestKey) : IInventoryPlace
{
    private const int MaximumManifestSize = 256 << 20;

    /// <inheritdoc/>
    public string Source => $"{bucket.Url}/{manifestKey}";

    /// <inheritdoc/>
    public byte[] ReadManifest(CancellationToken cancellation) => bucket.TryReadFile(manifestKey, MaximumManifestSize, cancellation)
        ?? throw new NixStoreException("InventoryNotFound", StoreErrorKind.NotFound, $"There is no inventory '{Source}'.", Source, "Give the address of a manifest.json.");

    /// <inheritdoc/>
    public byte[]? TryReadChecksum(CancellationToken cancellation)
        => bucket.TryReadFile(manifestKey[..^InventoryManifest.FileName.Length] + InventoryManifest.ChecksumName, 1 << 10, cancellation);

    /// <inheritdoc/>
    public InventoryDataFile Get(InventoryFile file, string temporaryDirectory, CancellationToken cancellation)
    {
        Directory.CreateDirectory(temporaryDirectory);
        var path = Path.Combine(temporaryDirectory, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file.Key)).AsSpan(0, 8)));
        try
        {
            using var source = bucket.OpenFile(file.Key, cancellation);
            using var target = File.Create(path);
            return InventoryDataFile.From(source, path, target, cancellation);
        }
        catch (NixStoreException error) when (error.ErrorId == "BinaryCacheFileMissing")
        {
            throw new NixStoreException("InventoryFileMissing", StoreErrorKind.NotFound, $"The file '{file.Key}' of the inventory '{Source}' is not there.",
                file.Key, "Its report may be older than the bucket's lifecycle rules allow; take a newer one.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("CatalogWriteFailed", StoreErrorKind.WriteError, $"'{path}' cannot be written: {error.Message}", path, null, error);
        }
    }
}
