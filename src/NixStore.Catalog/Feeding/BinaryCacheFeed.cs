using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Narinfo;

namespace NixStore.Catalog.Feeding;

/// <summary>Reads narinfos one by one from any binary cache, several at once.</summary>
/// <param name="cache">The cache.</param>
/// <param name="parallel">How many at once.</param>
public sealed class BinaryCacheFeed(BinaryCache cache, int parallel) : INarInfoFeed
{
    /// <inheritdoc/>
    public void Read(IReadOnlyList<CatalogObject> wanted, INarInfoSink sink, CancellationToken cancellation)
    {
        try
        {
            Parallel.ForEach(wanted, new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellation }, item => Read(item, sink, cancellation));
        }
        catch (AggregateException errors) when (errors.InnerExceptions.OfType<NixStoreException>().FirstOrDefault() is { } error)
        {
            throw error;
        }
    }

    private void Read(CatalogObject item, INarInfoSink sink, CancellationToken cancellation)
    {
        try
        {
            if (cache.TryReadFile(item.Key, NarInfoReader.MaximumFileSize, cancellation) is { } bytes)
            {
                sink.Add(item, bytes);
            }
            else
            {
                sink.AddFinding(item, FindingKinds.Missing, "It is in the listing, but not in the cache any more.");
            }
        }
        catch (NixStoreException error) when (error.Kind is StoreErrorKind.InvalidData or StoreErrorKind.PermissionDenied)
        {
            sink.AddFinding(item, FindingKinds.Unreadable, error.Message);
        }
    }
}
