using System.Collections.Concurrent;

namespace NixStore.Engine.Trees;

/// <summary>Hands work out to several workers, each on a thread of its own; to a single one on the caller's thread.</summary>
internal static class WorkQueue
{
    private const int Length = 256;

    /// <summary>Runs until all work is done.</summary>
    /// <param name="workers">Each is used by one thread at a time.</param>
    /// <param name="feed">Gives pieces of work to the function that it gets, which waits while the workers are behind. On the caller's thread.</param>
    /// <param name="work">Does a piece.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException"/>
    internal static void Run<TWorker, TItem>(
        IReadOnlyList<TWorker> workers, Action<Action<TItem>> feed, Action<TWorker, TItem, CancellationToken> work, CancellationToken cancellation)
    {
        if (workers.Count == 1)
        {
            feed(item => work(workers[0], item, cancellation));
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var items = new BlockingCollection<TItem>(Length);
        var tasks = workers.Select(worker => Task.Factory.StartNew(
            () => Work(worker), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
        try
        {
            feed(item => items.Add(item, stop.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
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
            items.CompleteAdding();
            Task.WhenAll(tasks).ContinueWith(_ => { }, TaskScheduler.Default).Wait(CancellationToken.None);
        }

        cancellation.ThrowIfCancellationRequested();

        // The others were only stopped by the one that failed.
        if (tasks.Find(task => task.Exception is { InnerException: not OperationCanceledException }) is { } failed)
        {
            failed.GetAwaiter().GetResult();
        }

        void Work(TWorker worker)
        {
            try
            {
                foreach (var item in items.GetConsumingEnumerable(stop.Token))
                {
                    work(worker, item, stop.Token);
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
