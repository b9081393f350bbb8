using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Examination;

/// <summary>What the checks of one examination share: the store, its database as it stands, and what one of them found that others need not repeat.</summary>
internal sealed class ExaminedStore
{
    private readonly StoreDatabase? _database;
    private readonly Lazy<StoreGraph> _graph;

    /// <param name="store">The store.</param>
    /// <param name="database">Its database, opened unchecked; null when there is none.</param>
    /// <param name="files">For looking at SQLite's files themselves.</param>
    /// <param name="cancellation">Ends every check.</param>
    internal ExaminedStore(StoreLocation store, StoreDatabase? database, DatabaseFiles files, CancellationToken cancellation)
    {
        Store = store;
        Files = files;
        Cancellation = cancellation;
        _database = database;
        _graph = new Lazy<StoreGraph>(() => StoreGraph.Load(Database, cancellation));
    }

    internal StoreLocation Store { get; }

    internal DatabaseFiles Files { get; }

    internal CancellationToken Cancellation { get; }

    /// <summary>The database; only for checks that are made when there is one.</summary>
    internal StoreDatabase Database => _database ?? throw new InvalidOperationException("There is no database.");

    /// <summary>True when another process has the database open: its logs are at work then, not left over.</summary>
    internal bool IsInUse => _database?.IsInUse ?? false;

    /// <summary>All paths and references, read when first asked for. Where they cannot be read, each time the same error.</summary>
    /// <exception cref="StoreDatabaseException"/>
    internal StoreGraph Graph => _graph.Value;

    /// <summary>Rows whose references were proved to be wrong: what follows from that is not told again.</summary>
    internal HashSet<long> RowsWithWrongReferences { get; } = [];

    /// <summary>Reads as much as wanted from one state of the database; cancelling interrupts SQLite as well. The function may be called again.</summary>
    /// <exception cref="StoreDatabaseException"/>
    internal T Read<T>(Func<SqliteConnection, T> read) => Database.ReadConsistently(connection =>
    {
        using var interruption = Cancellation.Register(() => SQLitePCL.raw.sqlite3_interrupt(connection.Handle));
        return read(connection);
    });

    /// <summary>As <see cref="Read{T}"/>, where one damaged table must not keep others from being looked at: that it is damaged becomes a finding.</summary>
    internal List<StoreDatabaseFinding> TryRead(string subject, Func<SqliteConnection, List<StoreDatabaseFinding>> read)
    {
        try
        {
            return Read(read);
        }
        catch (StoreDatabaseException error) when (error.Kind != StoreErrorKind.Busy)
        {
            Cancellation.ThrowIfCancellationRequested();
            return [NotChecked(subject, error.Message)];
        }
    }

    /// <summary>Makes a finding about this store; severity and remedy are those of its kind, unless given.</summary>
    internal StoreDatabaseFinding Found(
        StoreDatabaseFindingKind kind, string detail, string? table = null, long? row = null, string? path = null, StoreFindingSeverity? severity = null)
        => new()
        {
            Store = Store.Url,
            Kind = kind,
            Severity = severity ?? FindingCatalog.SeverityOf(kind),
            Table = table,
            Row = row,
            Path = string.IsNullOrEmpty(path) ? null : path,
            Detail = detail,
            Remedy = FindingCatalog.RemedyOf(kind),
        };

    /// <summary>The finding that something could not be checked, or not to its end.</summary>
    internal StoreDatabaseFinding NotChecked(string subject, string reason, string? table = null, string? path = null)
        => Found(StoreDatabaseFindingKind.CheckFailed, $"{subject}: {reason}", table, null, path);
}
