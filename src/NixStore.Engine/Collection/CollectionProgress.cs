namespace NixStore.Engine.Collection;

/// <summary>How far a collection is; read it from any thread.</summary>
public sealed class CollectionProgress
{
    private long _done;
    private long _freed;

    /// <summary>Number of things that are to go; 0 while that is not known.</summary>
    public long Total { get; set; }

    /// <summary>Number of things that are done.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Bytes of disk space freed so far.</summary>
    public long FreedBytes => Interlocked.Read(ref _freed);

    internal void Add(long freed)
    {
        Interlocked.Increment(ref _done);
        Interlocked.Add(ref _freed, freed);
    }
}
