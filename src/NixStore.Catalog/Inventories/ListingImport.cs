using NixStore.Caches.BinaryCaches;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Inventories;

/// <summary>Lists a folder or a small bucket into the table <c>objects</c>. One step: a bucket changes while it is listed, and half of one says nothing.</summary>
/// <param name="cache">The cache.</param>
public sealed class ListingImport(BinaryCache cache)
{
    private long _count;

    /// <summary>Objects so far.</summary>
    public long RowsDone => Interlocked.Read(ref _count);

    /// <summary>Lists it.</summary>
    /// <exception cref="NixStoreException">BinaryCacheNotListable, BinaryCacheListingInconsistent; errors of reading and writing.</exception>
    public CatalogImport Run(ICatalogWriter writer, CancellationToken cancellation = default)
    {
        var session = writer.Session;
        session.Execute("CREATE OR REPLACE TEMP TABLE listed AS FROM form.objects", cancellation);
        using (var rows = new DuckAppender(session, "listed"))
        {
            foreach (var file in cache.List(cancellation: cancellation))
            {
                Append(rows, file);
                Interlocked.Increment(ref _count);
            }

            rows.Close();
        }

        var import = new CatalogImport { Source = cache.Url, Kind = CatalogImportKind.Listing };
        var step = writer.BeginStep();
        step.DropPending(CatalogTable.Objects);
        step.Write(CatalogTable.Objects, "SELECT * FROM listed ORDER BY key", pending: true, cancellation);
        step.Update(manifest => manifest with { Imports = [.. manifest.Imports.Where(other => other.IsComplete)] });
        step.Commit();
        session.Execute("DROP TABLE listed", CancellationToken.None);
        return ObjectTable.Complete(writer, import, cancellation);
    }

    private static void Append(DuckAppender rows, BinaryCacheFile file)
    {
        rows.Set(0, file.Name);
        rows.Set(4, file.Size);
        rows.SetMilliseconds(5, file.LastModified);

        // A file has no tag of its contents; that it was not written since is as good.
        rows.Set(6, file.ETag ?? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file.Size}-{file.LastModified.UtcTicks}"));
        rows.Set(7, file.StorageClass);
        rows.EndRow();
    }
}
