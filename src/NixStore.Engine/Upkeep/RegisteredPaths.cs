using NixStore.Engine.Database;
using NixStore.Engine.Examination;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Upkeep;

/// <summary>Which of some paths have a row, by a reading of the table from front to back: a damaged index hides rows.</summary>
/// <param name="Count">How many rows there are in all.</param>
/// <param name="Found">Those of the wanted paths that have one.</param>
internal sealed record RegisteredPaths(long Count, IReadOnlySet<string> Found)
{
    /// <summary>Looks for paths; null when there is no database or not every row can be read, of which its own examination tells.</summary>
    /// <param name="store">The store.</param>
    /// <param name="wanted">Full logical paths.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException"/>
    internal static RegisteredPaths? TryFind(StoreLocation store, IReadOnlySet<string> wanted, CancellationToken cancellation)
    {
        try
        {
            using var database = StoreDatabase.OpenUnchecked(store);
            return database.ReadConsistently(connection =>
            {
                var count = 0L;
                var found = new HashSet<string>(StringComparer.Ordinal);
                var gap = TableScan.Run(connection, "ValidPaths", "path", row =>
                {
                    count++;
                    if (row.Text(1) is { } path && wanted.Contains(path))
                    {
                        found.Add(path);
                    }
                }, cancellation);
                return gap is null ? new RegisteredPaths(count, found) : null;
            });
        }
        catch (Exception error) when (error is StoreDatabaseException or StoreIOException)
        {
            return null;
        }
    }
}
