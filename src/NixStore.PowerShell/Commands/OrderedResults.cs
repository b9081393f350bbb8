namespace NixStore.PowerShell.Commands;

/// <summary>
/// Results that other threads work out, written in the order in which they were asked for. The pipeline's thread asks and writes; it waits
/// only when too many are open, or for the last ones.
/// </summary>
/// <param name="limit">How many may be open.</param>
/// <param name="write">Writes a result.</param>
/// <param name="fail">Writes the error that came instead of one.</param>
/// <param name="stop">Ends waiting.</param>
internal sealed class OrderedResults<T>(int limit, Action<T> write, Action<NixStoreException> fail, CancellationToken stop)
{
    private readonly Queue<Task<T>> _open = new();

    /// <summary>Shown while waiting.</summary>
    public ProgressDisplay? Progress { get; set; }

    /// <summary>Takes a result that may not be there yet, and writes those that are.</summary>
    public void Add(Task<T> result)
    {
        _open.Enqueue(result);
        while (_open.Count > limit || _open.TryPeek(out var first) && first.IsCompleted)
        {
            WriteFirst();
        }
    }

    /// <summary>Writes all that are left.</summary>
    public void Finish()
    {
        while (_open.Count > 0)
        {
            WriteFirst();
        }
    }

    private void WriteFirst()
    {
        var first = _open.Dequeue();
        WaitHandle[] either = [((IAsyncResult)first).AsyncWaitHandle, stop.WaitHandle];
        while (!first.IsCompleted && WaitHandle.WaitAny(either, ProgressDisplay.Interval) != 0)
        {
            stop.ThrowIfCancellationRequested();
            Progress?.Show();
        }

        Progress?.Show();
        T result;
        try
        {
            result = first.GetAwaiter().GetResult();
        }
        catch (NixStoreException error)
        {
            fail(error);
            return;
        }

        write(result);
    }
}
