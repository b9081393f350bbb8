using System.Collections.Concurrent;

namespace NixStore.Engine.Verification;

/// <summary>
/// A few threads, each with a worker of its own, that take work in the order given. For work that comes piece by piece; threads are started
/// when there is work for them, so that a single piece costs a single worker.
/// </summary>
/// <typeparam name="TWorker">What does the work, and is used by one thread only.</typeparam>
public sealed class WorkerThreads<TWorker> : IDisposable
    where TWorker : class, IDisposable
{
    private readonly BlockingCollection<Action<Func<TWorker>>> _queue = [];
    private readonly Func<TWorker> _make;
    private readonly int _maximum;
    private int _started;
    private int _idle;

    /// <summary>Makes them; none is started yet.</summary>
    /// <param name="maximum">How many at most.</param>
    /// <param name="make">Makes a worker; its error is the error of each piece of work.</param>
    public WorkerThreads(int maximum, Func<TWorker> make)
    {
        _maximum = maximum;
        _make = make;
    }

    /// <summary>Queues work. Not for several threads at once.</summary>
    /// <param name="work">Called on one of the threads.</param>
    /// <param name="cancellation">Work that has not begun when this is cancelled never does.</param>
    public Task<TResult> Run<TResult>(Func<TWorker, TResult> work, CancellationToken cancellation)
    {
        var result = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Add(
            getWorker =>
            {
                try
                {
                    cancellation.ThrowIfCancellationRequested();
                    result.SetResult(work(getWorker()));
                }
                catch (Exception error)
                {
                    result.SetException(error);

                    // Looked at, so that nobody reports it as unobserved when the caller went away.
                    _ = result.Task.Exception;
                }
            },
            CancellationToken.None);
        if (Volatile.Read(ref _idle) == 0 && _started < _maximum)
        {
            _started++;
            new Thread(Loop) { IsBackground = true, Name = typeof(TWorker).Name }.Start();
        }

        return result.Task;
    }

    /// <summary>Lets the threads end when the queue is empty; does not wait for work that hangs in the kernel.</summary>
    public void Dispose() => _queue.CompleteAdding();

    private void Loop()
    {
        TWorker? worker = null;
        Interlocked.Increment(ref _idle);
        foreach (var work in _queue.GetConsumingEnumerable())
        {
            Interlocked.Decrement(ref _idle);
            work(() => worker ??= _make());
            Interlocked.Increment(ref _idle);
        }

        worker?.Dispose();
    }
}
