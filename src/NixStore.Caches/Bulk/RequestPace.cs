namespace NixStore.Caches.Bulk;

/// <summary>Keeps requests to a rate: each waits for its turn.</summary>
/// <param name="perSecond">How many; null = no limit.</param>
/// <param name="clock">The time.</param>
internal sealed class RequestPace(double? perSecond, TimeProvider clock)
{
    // Timers are late by a few milliseconds; that much may be caught up.
    private static readonly TimeSpan s_slack = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly long _start = clock.GetTimestamp();
    private TimeSpan _next;

    public ValueTask Wait(CancellationToken cancellation)
    {
        if (perSecond is not { } rate)
        {
            return ValueTask.CompletedTask;
        }

        TimeSpan wait;
        lock (_lock)
        {
            var now = clock.GetElapsedTime(_start);
            var turn = _next > now - s_slack ? _next : now - s_slack;
            _next = turn + TimeSpan.FromSeconds(1 / rate);
            wait = turn - now;
        }

        return wait <= TimeSpan.Zero ? ValueTask.CompletedTask : new ValueTask(Task.Delay(wait, clock, cancellation));
    }
}
