using System.Collections.Concurrent;
using NixStore.Engine.Database;

namespace NixStore.Engine.Verification;

/// <summary>Works on rows with several threads, in the order in which the rows are given; only a few are ever held ready.</summary>
internal static class RowWorkers
{
    /// <summary>Returns when all rows are done; the first error of a worker, or of the rows, ends it.</summary>
    /// <param name="workers">How many rows at once.</param>
    /// <param name="make">Makes what works, one for each thread.</param>
    /// <param name="rows">The rows; read by the calling thread.</param>
    /// <param name="queue">How many rows are read ahead.</param>
    /// <param name="work">Does the work.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException"/>
    internal static void Run<TWorker>(
        int workers, Func<TWorker> make, IEnumerable<PathRow> rows, int queue, Action<TWorker, PathRow, CancellationToken> work, CancellationToken cancellation)
        where TWorker : class, IDisposable
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var ready = new BlockingCollection<PathRow>(queue);
        var made = new List<TWorker>();
        try
        {
            for (var i = 0; i < Math.Max(workers, 1); i++)
            {
                made.Add(make());
            }

            var tasks = made.ConvertAll(worker => Task.Factory.StartNew(
                () => Work(worker, ready, work, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
            try
            {
                foreach (var row in rows)
                {
                    ready.Add(row, stop.Token);
                }
            }
            catch (Exception) when (!cancellation.IsCancellationRequested && tasks.Exists(task => task.IsFaulted))
            {
                // A worker failed and stopped the feeding; its error is the one to tell.
            }
            catch
            {
                stop.Cancel();
                throw;
            }
            finally
            {
                ready.CompleteAdding();
                Task.WhenAll(tasks).ContinueWith(_ => { }, TaskScheduler.Default).Wait(CancellationToken.None);
            }

            Task.WhenAll(tasks).GetAwaiter().GetResult();
        }
        finally
        {
            made.ForEach(worker => worker.Dispose());
        }
    }

    private static void Work<TWorker>(
        TWorker worker, BlockingCollection<PathRow> ready, Action<TWorker, PathRow, CancellationToken> work, CancellationTokenSource stop)
    {
        try
        {
            foreach (var row in ready.GetConsumingEnumerable(stop.Token))
            {
                work(worker, row, stop.Token);
            }
        }
        catch
        {
            stop.Cancel();
            throw;
        }
    }
}
