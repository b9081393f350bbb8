namespace NixStore.Caches.Bulk;

/// <summary>What an answer says of how busy the server is.</summary>
internal enum ServerLoad
{
    Fine,
    TooMuch,
    Unknown,
}

/// <summary>
/// How many requests may be under way: halved when the server says that it is too much, and one more a round trip as long as it does not, as TCP
/// does it. After an exception of a caller it is of no use any more.
/// </summary>
internal sealed class AdaptiveLimit(int maximum, TimeProvider clock)
{
    // All that are under way fail together, and that is one event.
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private double _limit = maximum;
    private int _inside;
    private long? _lastCut;

    public int Current
    {
        get
        {
            lock (_lock)
            {
                return (int)_limit;
            }
        }
    }

    public ValueTask Enter(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_inside < (int)_limit)
            {
                _inside++;
                return ValueTask.CompletedTask;
            }

            var place = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(place);
            return new ValueTask(place.Task.WaitAsync(cancellation));
        }
    }

    public void Leave(ServerLoad load)
    {
        lock (_lock)
        {
            _inside--;
            if (load == ServerLoad.Fine)
            {
                _limit = Math.Min(maximum, _limit + (1 / _limit));
            }
            else if (load == ServerLoad.TooMuch && (_lastCut is not { } last || clock.GetElapsedTime(last) >= s_rest))
            {
                _limit = Math.Max(1, _limit / 2);
                _lastCut = clock.GetTimestamp();
            }

            while (_inside < (int)_limit && _waiting.TryDequeue(out var next))
            {
                _inside++;
                next.SetResult();
            }
        }
    }
}
