using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using static NixStore.StoreProblemKind;

namespace NixStore.Engine.Checkup;

/// <summary>What looks at paths share: telling what is wrong with one, but for what the examination of the database has told.</summary>
/// <param name="store">The store.</param>
/// <param name="found">Gets what is found.</param>
/// <param name="liveness">What is dead anyway.</param>
internal sealed class PathArea(StoreLocation store, Found found, PathLiveness liveness) : IDisposable
{
    private readonly PathFindings _findings = new(store, liveness);
    private readonly Lock _gate = new();
    private StoreDatabase? _database;

    /// <summary>Tells of the problems of a path. Any thread.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="OperationCanceledException"/>
    internal void Tell(string path, IReadOnlyList<StorePathProblem> problems)
    {
        var own = problems.Where(IsToldHere).ToList();
        if (own.Count == 0 || (own.Exists(problem => problem.Kind is Missing or Vanished) && CanAsk && !IsStillRegistered(path)))
        {
            return;
        }

        foreach (var finding in _findings.Of(path, own))
        {
            found.Tell(finding);
        }
    }

    /// <summary>False when the database is too damaged to be asked for single paths.</summary>
    internal bool CanAsk => liveness.CanTell;

    /// <summary>Tells something of the paths as a whole.</summary>
    internal void Tell(string kind, StoreFindingSeverity severity, string detail, string? remedy = null) => found.Tell(new StoreFinding
    {
        Store = store.Url,
        Area = StoreFindingArea.Path,
        Kind = kind,
        Severity = severity,
        Detail = detail,
        Remedy = remedy,
    });

    /// <summary>True for what is told of paths: what is wrong with rows the database's examination tells, but for what only the contents can.</summary>
    internal static bool IsToldHere(StorePathProblem problem) => problem.Kind switch
    {
        RowSize => problem.Expected is not null,
        RowPath or RowHash or RowSignature or RowDeriver or RowContentAddress or RowColumn or DanglingReference => false,
        _ => true,
    };

    /// <summary>What was wrong when something was looked at.</summary>
    internal static StorePathProblem ToProblem(NixStoreException error) => error switch
    {
        StoreIOException { ErrorNumber: Errno.NoEntry } => new(Vanished, Detail: error.Message),
        { ErrorId: "TreeTooDeep" } => new(LimitExceeded, Detail: error.Message),
        _ => new(ReadError, Detail: error.Message),
    };

    /// <inheritdoc/>
    public void Dispose() => _database?.Dispose();

    /// <summary>A collector that is at work takes the row first, then the files.</summary>
    private bool IsStillRegistered(string path)
    {
        lock (_gate)
        {
            return (_database ??= StoreDatabase.OpenForReading(store)).IsRegistered(path);
        }
    }
}
