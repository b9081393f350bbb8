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
        var links = new LinksIndex(database.Store);
        RowWorkers.Run(
            workers, () => new PathVerifier(database.Store, links), Select(database, filter, progress), QueueLength,
            (verifier, row, stop) =>
            {
                var path = verifier.Verify(row, stop);
                progress.Add(row.NarSize ?? 0);
                found(path);
            },
            cancellation);
    }

    private static IEnumerable<PathRow> Select(StoreDatabase database, Func<string, bool>? filter, VerificationProgress progress)
    {
        var sizes = database.ReadSizes();
        progress.TotalPaths = sizes.Count;
        progress.TotalBytes = sizes.Sum(size => size.NarSize);
        foreach (var row in Order(database, sizes))
        {
            if (filter is null || filter(row.Path))
            {
                yield return row;
            }
            else
            {
                progress.Add(row.NarSize ?? 0);
            }
        }
    }

    /// <summary>All rows in the order in which they are best read.</summary>
    /// <param name="database">The rows.</param>
    /// <param name="sizes">Their sizes.</param>
    /// <exception cref="StoreDatabaseException"/>
    internal static IEnumerable<PathRow> Order(StoreDatabase database, IReadOnlyList<(long Id, long NarSize)> sizes)
    {
        var large = sizes.Where(size => size.NarSize >= Large).OrderByDescending(size => size.NarSize).Select(size => size.Id).ToList();
        foreach (var id in large)
        {
            if (database.Find(id) is { } row)
            {
                yield return row;
            }
        }

        var scheduled = large.ToHashSet();
        foreach (var row in database.ReadPaths())
        {
            if (!scheduled.Contains(row.Id))
            {
                yield return row;
            }
        }
    }
}
