using NixStore.Caches.Narinfo;

namespace NixStore.Caches.BinaryCaches;

/// <summary>The narinfos that were asked for last; the oldest go first.</summary>
internal sealed class RecentNarInfos(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<StorePath, NarInfo> _narInfos = [];
    private readonly Queue<StorePath> _order = new();

    public NarInfo? TryGet(StorePath path)
    {
        lock (_lock)
        {
            return _narInfos.GetValueOrDefault(path);
        }
    }

    public void Remember(NarInfo narInfo)
    {
        lock (_lock)
        {
            if (capacity > 0 && _narInfos.TryAdd(narInfo.Path, narInfo))
            {
                _order.Enqueue(narInfo.Path);
            }

            while (_order.Count > capacity)
            {
                _narInfos.Remove(_order.Dequeue());
            }
        }
    }

    public void Forget(StorePath path)
    {
        lock (_lock)
        {
            // Its place in the queue stays and removes nothing, or a later entry of the same path early, which does no harm.
            _narInfos.Remove(path);
        }
    }
}
