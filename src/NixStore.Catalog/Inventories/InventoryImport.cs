using System.Security.Cryptography;
using System.Text;
using NixStore.Caches.BinaryCaches;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Inventories;

/// <summary>
/// Reads a report of S3 Inventory into the table <c>objects</c>, a file a step. The table is exchanged when all of them are there; until then
/// everybody sees the report before. A killed import is continued by the next one of the same report.
/// </summary>
public sealed class InventoryImport
{
    private readonly IInventoryPlace _place;

    private InventoryImport(IInventoryPlace place, InventoryManifest manifest)
    {
        _place = place;
        Manifest = manifest;
    }

    /// <summary>What is imported.</summary>
    public InventoryManifest Manifest { get; }

    /// <summary>Path or URL of the manifest.</summary>
    public string Source => _place.Source;

    /// <summary>Files that are in the catalog by now.</summary>
    public int FilesDone { get; private set; }

    /// <summary>Rows that are in the catalog by now.</summary>
    public long RowsDone { get; private set; }

    /// <summary>Finds the reports at a place, the oldest first.</summary>
    /// <param name="place">A manifest.json, a folder with some below it, or either in a bucket (<c>s3://bucket/…/manifest.json?region=…</c>).</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">
    /// InventoryNotFound, InventoryManifestInvalid, InventoryFormatNotSupported; InventoryFileCorrupt: the manifest is another one than its checksum
    /// says; errors of reading.
    /// </exception>
    public static IReadOnlyList<InventoryImport> Find(string place, CancellationToken cancellation = default)
    {
        var places = place.Contains("://", StringComparison.Ordinal) ? InBucket(place, cancellation)
            : LocalInventory.Find(place).Select(path => (IInventoryPlace)new LocalInventory(path));
        var found = places.Select(item => new InventoryImport(item, ReadManifest(item, cancellation))).OrderBy(import => import.Manifest.Created).ToList();
        return found.Count > 0 ? found : throw new NixStoreException("InventoryNotFound", StoreErrorKind.NotFound, $"There is no {InventoryManifest.FileName} in '{place}' or below it.",
            place, "Give the path or address of the manifest.json of a report.");
    }

    /// <summary>Imports it.</summary>
    /// <returns>What was imported; null when the catalog has it already, or a newer one.</returns>
    /// <exception cref="NixStoreException">
    /// InventoryFileMissing; InventoryFileCorrupt: MD5 or size is another one, or it cannot be read; InventoryColumnMissing; errors of reading and writing.
    /// Nothing of the report is seen then.
    /// </exception>
    public CatalogImport? Run(ICatalogWriter writer, CancellationToken cancellation = default)
    {
        var last = writer.Manifest.Imports.LastOrDefault(import => import is { Kind: CatalogImportKind.Inventory, IsComplete: true });
        if (last?.Created >= Manifest.Created)
        {
            return null;
        }

        var import = Resume(writer);
        FilesDone = import.Files.Count;
        RowsDone = import.Files.Sum(file => file.Rows);
        using var files = new InventoryFetch(_place, [.. Manifest.Files.Skip(import.Files.Count)], writer.Session.Options.TemporaryDirectory + "-fetched", cancellation);
        while (files.TryTake() is (var file, var data))
        {
            using (data)
            {
                import = Step(writer, import, file, data, cancellation);
            }

            FilesDone++;
            RowsDone += import.Files[^1].Rows;
        }

        return ObjectTable.Complete(writer, import, cancellation);
    }

    private static IEnumerable<IInventoryPlace> InBucket(string place, CancellationToken cancellation)
    {
        var question = place.IndexOf('?');
        var (path, query) = question < 0 ? (place, "") : (place[..question], place[question..]);
        var scheme = path.IndexOf("://", StringComparison.Ordinal) + 3;
        var slash = path.IndexOf('/', scheme);
        if (slash < 0)
        {
            (path, slash) = (path + "/", path.Length);
        }

        var key = Uri.UnescapeDataString(path[(slash + 1)..]);

        // Data files are named by keys of the bucket, so the bucket is what is opened; that it is no cache is no matter.
        var bucket = BinaryCacheFactory.Open(path[..slash] + query, new BinaryCacheOptions { Create = true }, cancellation);
        if (key.EndsWith(InventoryManifest.FileName, StringComparison.Ordinal))
        {
            return [new BucketInventory(bucket, key)];
        }

        return bucket.List(key, null, cancellation).Where(file => file.Name.EndsWith("/" + InventoryManifest.FileName, StringComparison.Ordinal))
            .Select(file => new BucketInventory(bucket, file.Name));
    }

    private static InventoryManifest ReadManifest(IInventoryPlace place, CancellationToken cancellation)
    {
        var bytes = place.ReadManifest(cancellation);
        if (place.TryReadChecksum(cancellation) is { } checksum)
        {
#pragma warning disable CA5351
            var md5 = Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351
            var wanted = Encoding.UTF8.GetString(checksum).Trim().ToLowerInvariant();
            if (md5 != wanted)
            {
                throw Corrupt(place.Source, place.Source, $"its MD5 is {md5}, not {wanted} as manifest.checksum says");
            }
        }

        return InventoryManifest.Parse(bytes, place.Source);
    }

    private static NixStoreException Corrupt(string file, string source, string reason, Exception? inner = null) => new("InventoryFileCorrupt", StoreErrorKind.InvalidData,
        $"The file '{file}' of the inventory '{source}' is damaged: {reason}.", file, "Fetch it again and run the command again; what is imported already stays.", inner);

    /// <summary>The import that is under way, if it is of this very report.</summary>
    private CatalogImport Resume(ICatalogWriter writer)
    {
        var started = writer.Manifest.Imports.FirstOrDefault(import => import is { IsComplete: false } && import.Source == Source && import.Created == Manifest.Created);
        if (started is not null && started.Files.Select(file => (file.Key, file.Digest)).SequenceEqual(Manifest.Files.Take(started.Files.Count).Select(file => (file.Key, file.Md5 ?? ""))))
        {
            return started;
        }

        var import = new CatalogImport { Source = Source, Kind = CatalogImportKind.Inventory, Created = Manifest.Created };
        var step = writer.BeginStep();
        step.DropPending(CatalogTable.Objects);
        step.Update(manifest => (manifest with { Imports = [.. manifest.Imports.Where(other => other.IsComplete)] }).With(import));
        step.Commit();
        return import;
    }

    private CatalogImport Step(ICatalogWriter writer, CatalogImport import, InventoryFile file, InventoryDataFile data, CancellationToken cancellation)
    {
        if (data.Size != file.Size)
        {
            throw Corrupt(file.Key, Source, $"it has {data.Size} bytes, not {file.Size} as the manifest says");
        }

        if (file.Md5 is not null && data.Md5 != file.Md5)
        {
            throw Corrupt(file.Key, Source, $"its MD5 is {data.Md5}, not {file.Md5} as the manifest says");
        }

        var step = writer.BeginStep();
        long rows;
        try
        {
            rows = step.Write(CatalogTable.Objects, InventorySql.Select(writer.Session, Manifest, data.Path, Source), pending: true, cancellation);
        }
        catch (DuckException error) when (error.ErrorId is "CatalogFileUnreadable" or "CatalogQueryInvalid" or "CatalogQueryFailed")
        {
            throw Corrupt(file.Key, Source, error.Message.Split('\n')[0], error);
        }

        var next = import with { Files = [.. import.Files, new CatalogImportFile(file.Key, file.Md5 ?? "", rows)] };
        step.Update(manifest => manifest.With(next));
        step.Commit();
        return next;
    }
}
