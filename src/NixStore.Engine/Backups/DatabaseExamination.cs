using NixStore.Engine.Database;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Backups;

/// <summary>Whether a copy of a database can be believed, by SQLite's own checks.</summary>
/// <param name="Rows">Registered paths; 0 where they cannot be counted.</param>
/// <param name="Findings">What is wrong with it, the first few things; empty when it is sound.</param>
internal sealed record DatabaseExamination(long Rows, IReadOnlyList<string> Findings)
{
    /// <summary>Where the copy of a store's database is that is worked on in a directory; it can be opened as that of a store.</summary>
    internal static StoreLocation CopyIn(StoreLocation store, string directory) => store.Own with { StateDirectory = directory, IsReadOnly = false };

    /// <summary>Reads all of it.</summary>
    /// <exception cref="StoreDatabaseException">It cannot even be opened.</exception>
    internal static DatabaseExamination Of(StoreLocation copy, CancellationToken cancellation)
    {
        using var database = StoreDatabase.OpenForReading(copy);
        try
        {
            var findings = database.CheckIntegrity(cancellation);
            return new DatabaseExamination(database.CountPaths(), findings);
        }
        catch (StoreDatabaseException error)
        {
            cancellation.ThrowIfCancellationRequested();
            return new DatabaseExamination(0, [error.Message]);
        }
    }
}
