using NixStore.Engine.Database;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Backups;

/// <summary>
/// What can be had of the database that a backup is about to replace. It may be damaged, so the tables themselves are read, from both ends,
/// and no index: an index that has lost entries would say that a path is not registered, or refers to nothing (NIX-ON-DAMAGE, case h7).
/// </summary>
internal sealed class CurrentRows
{
    /// <summary>Paths that were seen to be registered.</summary>
    internal required IReadOnlySet<string> Paths { get; init; }

    /// <summary>The wanted rows that were read as a whole and are well-formed.</summary>
    internal required Dictionary<string, ForgottenRow> Rows { get; init; }

    /// <summary>The wanted rows that were not, with the reason.</summary>
    internal required Dictionary<string, string> Unusable { get; init; }

    /// <summary>What kept the database from being read as a whole; null when nothing did.</summary>
    internal string? Failure { get; init; }

    /// <summary>Reads what can be read.</summary>
    /// <param name="store">The store.</param>
    /// <param name="isWanted">By path and registration time, which rows are wanted as a whole.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NixStoreException">The database is busy or may not be read, which is no reason to do without it.</exception>
    internal static CurrentRows Read(StoreLocation store, Func<string, long, bool> isWanted, CancellationToken cancellation)
    {
        try
        {
            using var database = StoreDatabase.OpenForReading(store);
            return database.ReadConsistently(connection => new TableReader(connection, store, isWanted, cancellation).Read());
        }
        catch (NixStoreException error) when (IsDamage(error))
        {
            return new CurrentRows { Paths = new HashSet<string>(), Rows = [], Unusable = [], Failure = error.Message };
        }
    }

    /// <summary>True for what trying again, or as somebody else, would not change.</summary>
    internal static bool IsDamage(NixStoreException error)
        => error.Kind is StoreErrorKind.InvalidData or StoreErrorKind.NotFound or StoreErrorKind.ReadError;
}
