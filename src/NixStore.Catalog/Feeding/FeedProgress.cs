namespace NixStore.Catalog.Feeding;

/// <summary>How far an update is; written by its thread, read by any.</summary>
public sealed class FeedProgress
{
    private Func<long> _ask = () => 0;
    private long _settled;

    /// <summary>Narinfos to be read in all.</summary>
    public long Total { get; internal set; }

    /// <summary>Those that were read or found to be bad.</summary>
    public long Done => Interlocked.Read(ref _settled) + Volatile.Read(ref _ask)();

    internal void Follow(Func<long> ask) => Volatile.Write(ref _ask, ask);

    internal void Settle()
    {
        var done = _ask();
        Volatile.Write(ref _ask, () => 0);
        Interlocked.Add(ref _settled, done);
    }
}
