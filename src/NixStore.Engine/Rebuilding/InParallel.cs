using System.Runtime.ExceptionServices;

namespace NixStore.Engine.Rebuilding;

/// <summary>A list of pieces of work that is known beforehand, done in its order by several threads, each with a worker of its own.</summary>
internal static class InParallel
{
    /// <summary>Does one piece of work.</summary>
    /// <typeparam name="TWorker">What does the work, and is used by one thread only.</typeparam>
    /// <param name="worker">The worker of this thread.</param>
    /// <param name="index">Which piece.</param>
    /// <param name="stop">Cancelled by the caller, or because another thread failed.</param>
    internal delegate void Work<in TWorker>(TWorker worker, int index, CancellationToken stop);

    /// <summary>As the other overload, for work that needs no worker.</summary>
    /// <exception cref="OperationCanceledException"/>
    internal static void Run(int count, int threads, Action<int> work, CancellationToken cancellation)
        => Run<IDisposable?>(count, threads, () => null, (_, index, _) => work(index), cancellation);

    /// <summary>Returns when all is done; the first error ends it.</summary>
    /// <param name="count">Number of pieces.</param>
    /// <param name="threads">How many threads at most.</param>
    /// <param name="make">Makes a worker.</param>
    /// <param name="work">Does a piece.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException"/>
    internal static void Run<TWorker>(int count, int threads, Func<TWorker> make, Work<TWorker> work, CancellationToken cancellation)
        where TWorker : IDisposable?
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var next = -1;
        var tasks = Enumerable.Range(0, Math.Clamp(threads, 1, Math.Max(count, 1))).Select(_ => Task.Factory.StartNew(
            WorkThrough, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        try
        {
            Task.WaitAll(tasks, CancellationToken.None);
        }
        catch (AggregateException errors)
        {
            // The others were only told to stop.
            var cause = errors.Flatten().InnerExceptions.FirstOrDefault(error => error is not OperationCanceledException);
            cancellation.ThrowIfCancellationRequested();
            ExceptionDispatchInfo.Throw(cause ?? errors.InnerExceptions[0]);
        }

        void WorkThrough()
        {
            try
            {
                using var worker = make();
                for (int index; (index = Interlocked.Increment(ref next)) < count;)
                {
                    stop.Token.ThrowIfCancellationRequested();
                    work(worker, index, stop.Token);
                }
            }
            catch
            {
                stop.Cancel();
                throw;
            }
        }
    }
}
