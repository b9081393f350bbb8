using System.Collections.Concurrent;
using NixStore.Engine.Database;
using NixStore.Engine.Diagnosis;

namespace NixStore.Engine.Verification;

/// <summary>
/// Verifies the contents of many paths with several workers: the large ones first, largest at the head, so that none is left over for a
/// single worker at the end; the rest in the order of the database. Memory does not grow with the store.
/// </summary>
public static class ParallelVerifier
{
    /// <summary>From this size on a path is worth scheduling; below, paths are many and short.</summary>
    private const long Large = 4 << 20;

    private const int QueueLength = 256;

    /// <summary>Verifies paths; returns when all are done.</summary>
    /// <param name="database">The rows. Used by one thread at a time.</param>
    /// <param name="filter">Which rows, by their path column; null for all.</param>
    /// <param name="workers">How many paths at once.</param>
    /// <param name="found">Gets each path when it is done, from any worker.</param>
    /// <param name="progress">Counts.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="Native.StoreIOException">The store directory cannot be opened.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static void Verify(
        StoreDatabase database, Func<string, bool>? filter, int workers, Action<VerifiedPath> found, VerificationProgress progress,
        CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var rows = new BlockingCollection<PathRow>(QueueLength);
        var links = new LinksIndex(database.Store);
        var verifiers = new List<PathVerifier>();
        try
        {
            for (var i = 0; i < Math.Max(workers, 1); i++)
            {
                verifiers.Add(new PathVerifier(database.Store, links));
            }

            var tasks = verifiers.ConvertAll(verifier => Task.Factory.StartNew(
                () => Work(verifier, rows, found, progress, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
            try
            {
                Feed(database, filter, rows, progress, stop.Token);
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
                rows.CompleteAdding();
                Task.WhenAll(tasks).ContinueWith(_ => { }, TaskScheduler.Default).Wait(CancellationToken.None);
            }

            Task.WhenAll(tasks).GetAwaiter().GetResult();
        }
        finally
        {
            verifiers.ForEach(verifier => verifier.Dispose());
        }
    }

    private static void Feed(
        StoreDatabase database, Func<string, bool>? filter, BlockingCollection<PathRow> rows, VerificationProgress progress, CancellationToken stop)
    {
        var sizes = database.ReadSizes();
        progress.TotalPaths = sizes.Count;
        progress.TotalBytes = sizes.Sum(size => size.NarSize);
        var large = sizes.Where(size => size.NarSize >= Large).OrderByDescending(size => size.NarSize).Select(size => size.Id).ToList();
        foreach (var id in large)
        {
            if (database.Find(id) is { } row)
            {
                Offer(row);
            }
        }

        var scheduled = large.ToHashSet();
        foreach (var row in database.ReadPaths())
        {
            if (!scheduled.Contains(row.Id))
            {
                Offer(row);
            }
        }

        void Offer(PathRow row)
        {
            stop.ThrowIfCancellationRequested();
            if (filter is null || filter(row.Path))
            {
                rows.Add(row, stop);
            }
            else
            {
                progress.Add(row.NarSize ?? 0);
            }
        }
    }

    private static void Work(
        PathVerifier verifier, BlockingCollection<PathRow> rows, Action<VerifiedPath> found, VerificationProgress progress, CancellationTokenSource stop)
    {
        try
        {
            foreach (var row in rows.GetConsumingEnumerable(stop.Token))
            {
                var path = verifier.Verify(row, stop.Token);
                progress.Add(row.NarSize ?? 0);
                found(path);
            }
        }
        catch
        {
            stop.Cancel();
            throw;
        }
    }
}
