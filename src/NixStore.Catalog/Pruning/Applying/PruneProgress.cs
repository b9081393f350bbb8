namespace NixStore.Catalog.Pruning.Applying;

/// <summary>How far a step is. Any thread.</summary>
public sealed class PruneProgress
{
    private long _objects;
    private long _bytes;
    private long _listed;

    /// <summary>Objects done with, those of earlier runs included.</summary>
    public long Objects => Interlocked.Read(ref _objects);

    /// <summary>Bytes taken.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Narinfos looked at.</summary>
    public long Listed => Interlocked.Read(ref _listed);

    internal void Add(long objects, long bytes)
    {
        Interlocked.Add(ref _objects, objects);
        Interlocked.Add(ref _bytes, bytes);
    }

    internal void AddListed(long count) => Interlocked.Add(ref _listed, count);

    internal void Reset()
    {
        Interlocked.Exchange(ref _objects, 0);
        Interlocked.Exchange(ref _bytes, 0);
        Interlocked.Exchange(ref _listed, 0);
    }
}
