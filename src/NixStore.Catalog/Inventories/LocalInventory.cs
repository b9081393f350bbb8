namespace NixStore.Catalog.Inventories;

/// <summary>A report in a folder: as S3 has laid it out, or with all files in one place.</summary>
internal sealed class LocalInventory(string manifestPath) : IInventoryPlace
{
    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(manifestPath))!;

    /// <inheritdoc/>
    public string Source { get; } = Path.GetFullPath(manifestPath);

    /// <inheritdoc/>
    public byte[] ReadManifest(CancellationToken cancellation) => TryRead(Source)
        ?? throw new NixStoreException("InventoryNotFound", StoreErrorKind.NotFound, $"There is no inventory '{Source}'.", Source, "Give the path of a manifest.json.");

    /// <inheritdoc/>
    public byte[]? TryReadChecksum(CancellationToken cancellation) => TryRead(Path.Combine(_folder, InventoryManifest.ChecksumName));

    /// <inheritdoc/>
    public InventoryDataFile Get(InventoryFile file, string temporaryDirectory, CancellationToken cancellation)
    {
        var path = Candidates(file.Key).FirstOrDefault(File.Exists) ?? throw new NixStoreException("InventoryFileMissing", StoreErrorKind.NotFound,
            $"The file '{file.Key}' of the inventory '{Source}' is not there.", file.Key,
            "Fetch the folder data/ of the report too, beside the manifest or where S3 has it, and run the command again.");
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            return InventoryDataFile.From(stream, path, null, cancellation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>The manifests in a folder and below it, or the one that is meant.</summary>
    internal static IEnumerable<string> Find(string path)
        => Directory.Exists(path) ? Directory.EnumerateFiles(path, InventoryManifest.FileName, SearchOption.AllDirectories).Order(StringComparer.Ordinal) : [path];

    private IEnumerable<string> Candidates(string key)
    {
        var parts = key.Split('/');
        if (parts.Any(part => part is "" or "." or ".."))
        {
            yield break;
        }

        // Beside the manifest; in data/ there; in data/ beside the folder of the date, as in S3; and wherever the whole key counts from.
        yield return Path.Combine(_folder, parts[^1]);
        yield return Path.Combine(_folder, "data", parts[^1]);
        yield return Path.Combine(_folder, "..", "data", parts[^1]);
        for (var folder = _folder; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            yield return Path.Combine([folder, .. parts]);
        }
    }

    private static byte[]? TryRead(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, error);
        }
    }

    private static NixStoreException Unreadable(string path, Exception error) => new("InventoryReadFailed",
        error is UnauthorizedAccessException ? StoreErrorKind.PermissionDenied : StoreErrorKind.ReadError, $"'{path}' cannot be read: {error.Message}", path, null, error);
}
