using System.Diagnostics;

namespace NixStore.PowerShell.Commands;

/// <summary>How fast a number grows: over the last seconds, so that one sees when something has changed.</summary>
internal sealed class RateMeter
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);

    private readonly Stopwatch _running = Stopwatch.StartNew();
    private readonly Queue<(TimeSpan Time, long Count)> _seen = new([(TimeSpan.Zero, 0)]);

    /// <summary>Takes the number as it is now.</summary>
    /// <returns>How much it grows in a second.</returns>
    public double Next(long count)
    {
        var now = _running.Elapsed;
        _seen.Enqueue((now, count));
        while (_seen.Count > 2 && now - _seen.Peek().Time > s_window)
        {
            _seen.Dequeue();
        }

        var (time, before) = _seen.Peek();
        return now > time ? (count - before) / (now - time).TotalSeconds : 0;
    }
}
