using System.Diagnostics;
using System.Management.Automation;

namespace NixStore.PowerShell.Commands;

/// <summary>
/// The progress of one long piece of work. Workers say where they are from any thread; the pipeline's thread shows it: not in the first
/// second, then at most five times a second, and cleared at the end.
/// </summary>
public sealed class ProgressDisplay : IDisposable
{
    /// <summary>The shortest time between two shows.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(1);

    private readonly Cmdlet _cmdlet;
    private readonly ProgressRecord _record;
    private readonly Stopwatch _running = Stopwatch.StartNew();
    private State _state = new("", 0, null);
    private Func<(string Status, long Done, long? Total)>? _ask;
    private TimeSpan _shown;

    /// <summary>Makes a display that has shown nothing yet.</summary>
    /// <param name="cmdlet">Who shows it.</param>
    /// <param name="activity">What is being done.</param>
    internal ProgressDisplay(Cmdlet cmdlet, string activity)
    {
        _cmdlet = cmdlet;
        _record = new ProgressRecord(StableId(cmdlet), activity, " ");
    }

    /// <summary>Says where the work is. Any thread.</summary>
    /// <param name="status">The thing at hand and what has been done, for people.</param>
    /// <param name="done">Units done.</param>
    /// <param name="total">Units in all; null when nobody knows.</param>
    public void Report(string status, long done = 0, long? total = null) => Volatile.Write(ref _state, new State(status, done, total));

    /// <summary>Asks where the work is each time it is shown, instead of waiting for reports.</summary>
    /// <param name="ask">Gives what <see cref="Report"/> takes; called on the pipeline's thread.</param>
    public void Follow(Func<(string Status, long Done, long? Total)> ask) => _ask = ask;

    /// <summary>Shows the latest report when it is time. The pipeline's thread only.</summary>
    public void Show()
    {
        var now = _running.Elapsed;
        if (now < s_quiet || now - _shown < Interval)
        {
            return;
        }

        _shown = now;
        if (_ask?.Invoke() is { } answer)
        {
            Report(answer.Status, answer.Done, answer.Total);
        }

        var state = Volatile.Read(ref _state);
        _record.StatusDescription = state.Status.Length == 0 ? " " : state.Status;
        _record.PercentComplete = state.Total is > 0 ? (int)Math.Clamp(100.0 * state.Done / state.Total.Value, 0, 100) : -1;
        _record.SecondsRemaining = state is { Total: > 0, Done: > 0 } && state.Done <= state.Total
            ? (int)Math.Min(int.MaxValue, now.TotalSeconds / state.Done * (state.Total.Value - state.Done))
            : -1;
        _cmdlet.WriteProgress(_record);
    }

    /// <summary>Clears it, if it ever was shown. The pipeline's thread only.</summary>
    public void Dispose()
    {
        if (_shown == default)
        {
            return;
        }

        _shown = default;
        _record.RecordType = ProgressRecordType.Completed;
        try
        {
            _cmdlet.WriteProgress(_record);
        }
        catch (PipelineStoppedException)
        {
            // A stopped pipeline takes no records, and the host clears its bars itself.
        }
    }

    /// <summary>The same for each run of a cmdlet; another one for another cmdlet of the pipeline.</summary>
    private static int StableId(Cmdlet cmdlet)
        => cmdlet.GetType().Name.Aggregate(17, (hash, character) => unchecked(hash * 31 + character)) & int.MaxValue;

    private sealed record State(string Status, long Done, long? Total);
}
