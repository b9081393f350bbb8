using NixStore.Caches.BinaryCaches;

namespace NixStore.Caches.Examination;

/// <summary>Takes what the checks of one examination find.</summary>
internal sealed class CacheReport(BinaryCache cache, Action<BinaryCacheFinding> found)
{
    /// <summary>A finding about a path of the cache.</summary>
    public void OfPath(BinaryCacheFindingKind kind, StoreFindingSeverity severity, string file, StorePath path, string detail, string? remedy = null)
        => found(new BinaryCacheFinding
        {
            BinaryCache = cache.Address,
            Kind = kind,
            Severity = severity,
            File = file,
            Path = cache.StoreDirectory.Print(path),
            Detail = detail,
            Remedy = remedy,
        });

    /// <summary>A finding about a file.</summary>
    public void OfFile(BinaryCacheFindingKind kind, StoreFindingSeverity severity, string file, string detail, string? remedy = null, long? size = null)
        => found(new BinaryCacheFinding
        {
            BinaryCache = cache.Address,
            Kind = kind,
            Severity = severity,
            File = file,
            Size = size,
            Detail = detail,
            Remedy = remedy,
        });

    /// <summary>Something could not be looked at.</summary>
    public void Failure(string file, NixStoreException error)
        => OfFile(BinaryCacheFindingKind.CheckFailed, StoreFindingSeverity.Error, file, error.Message, error.Remedy);
}
