namespace NixStore.Catalog.Feeding;

/// <summary>Something that gets narinfos: out of a folder, over HTTP, from S3.</summary>
public interface INarInfoFeed
{
    /// <summary>
    /// Gets some narinfos, as many at once as it likes. Each must be answered once, in any order and from any thread, before this returns; what is not
    /// answered is asked for again in the next run.
    /// </summary>
    /// <param name="wanted">In the order of their hash parts.</param>
    /// <param name="sink">Takes the answers.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">What concerns the source as a whole; what was not committed is asked for again by the next run.</exception>
    void Read(IReadOnlyList<CatalogObject> wanted, INarInfoSink sink, CancellationToken cancellation);
}

/// <summary>Takes what a feed has got. Any thread.</summary>
public interface INarInfoSink
{
    /// <summary>The bytes of a narinfo; what is wrong with them becomes a finding.</summary>
    void Add(CatalogObject source, ReadOnlySpan<byte> bytes);

    /// <summary>A narinfo that cannot be had. Not for troubles that pass: these should be tried again, and end the run if they last.</summary>
    void AddFinding(CatalogObject source, string kind, string detail);
}
