using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Bulk;

namespace NixStore.Catalog.Feeding;

/// <summary>Reads narinfos one by one from any binary cache, many at once.</summary>
public sealed class BinaryCacheFeed : INarInfoFeed
{
    // A server that refuses everything without a word would turn all of an inventory into findings.
    private const int Enough = 1000;

    private readonly BinaryCache _cache;
    private readonly BulkReader _reader;
    private long _missing;
    private long _others;

    /// <summary>Makes a feed.</summary>
    /// <param name="cache">The cache; opened with as many connections as are to be used.</param>
    /// <param name="options">How many at once, and with how much patience; null = the defaults.</param>
    public BinaryCacheFeed(BinaryCache cache, BulkOptions? options = null)
        : this(cache, new BulkReader(cache, options))
    {
    }

    internal BinaryCacheFeed(BinaryCache cache, BulkReader reader)
    {
        _cache = cache;
        _reader = reader;
    }

    /// <summary>How many narinfos may be asked for at once by now: fewer than allowed while the server says that it is too much.</summary>
    public int CurrentLimit => _reader.CurrentLimit;

    /// <inheritdoc/>
    public void Read(IReadOnlyList<CatalogObject> wanted, INarInfoSink sink, CancellationToken cancellation)
        => _reader.Read(
            wanted.Count,
            index => new BulkRequest(wanted[index].Key, wanted[index].Size, wanted[index].LastModified),
            (index, answer) => Take(wanted[index], answer, sink),
            cancellation);

    private void Take(CatalogObject source, BulkAnswer answer, INarInfoSink sink)
    {
        if (answer.Outcome == BulkOutcome.Missing)
        {
            if (Interlocked.Increment(ref _missing) >= Enough && Interlocked.Read(ref _others) == 0)
            {
                throw new NixStoreException("BinaryCacheHasNothing", StoreErrorKind.NotFound,
                    $"'{_cache.Url}' has none of the first {Enough} narinfos that the inventory lists.", _cache.Url,
                    "Check that the address is that of the bucket that the inventory is of, and that its objects may be read (s3:GetObject).");
            }

            sink.AddFinding(source, FindingKinds.Missing, "It is in the listing, but the cache does not have it.");
            return;
        }

        Interlocked.Increment(ref _others);
        switch (answer.Outcome)
        {
            case BulkOutcome.Read:
                sink.Add(source, answer.Bytes.Span);
                break;
            case BulkOutcome.Unreadable:
                sink.AddFinding(source, FindingKinds.Unreadable, answer.Error!.Message);
                break;
            default:
                sink.Skip(source, answer.Error!);
                break;
        }
    }
}
