using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Examination;

/// <summary>
/// Finds out what is wrong with a store's database, however damaged it is, and changes nothing, not even an access time. Each family of checks is
/// by itself (<see cref="IDatabaseCheck"/>): where damage keeps one from being made, a finding says so and the others go on.
/// </summary>
public sealed class DatabaseExaminer
{
    private readonly ExaminedStore _examined;
    private readonly DatabaseExaminationOptions _options;
    private readonly Action<StoreDatabaseFinding> _found;
    private readonly ExaminationProgress _progress;

    private DatabaseExaminer(
        ExaminedStore examined, DatabaseExaminationOptions options, Action<StoreDatabaseFinding> found, ExaminationProgress progress)
    {
        _examined = examined;
        _options = options;
        _found = found;
        _progress = progress;
    }

    /// <summary>Examines the database of a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="options">What to look at.</param>
    /// <param name="found">Gets each finding when it is made.</param>
    /// <param name="progress">Says how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreDatabaseException">DatabaseNotFound: there is no store at all. DatabaseBusy, DatabaseChanged, ScratchNotWritable.</exception>
    /// <exception cref="StoreIOException">The database cannot be opened for another reason than damage.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static void Examine(
        StoreLocation store, DatabaseExaminationOptions options, Action<StoreDatabaseFinding> found, ExaminationProgress progress,
        CancellationToken cancellation)
    {
        StoreAccess.EnsureNoOverlay(store);
        using var files = DatabaseFiles.Use();
        using var database = TryOpen(store, out var failure);
        new DatabaseExaminer(new ExaminedStore(store, database, files, cancellation), options, found, progress).Run(failure);
    }

    /// <summary>The database as it stands; null when there is none, or an empty file.</summary>
    private static StoreDatabase? TryOpen(StoreLocation store, out StoreDatabaseException? failure)
    {
        failure = null;
        try
        {
            return StoreDatabase.OpenUnchecked(store);
        }
        catch (StoreDatabaseException error) when (error.ErrorId == "DatabaseEmpty"
            || (error.ErrorId == "DatabaseNotFound" && Posix.TryStatus(store.RealDirectory, out _, out _)))
        {
            failure = error;
            return null;
        }
    }

    private void Run(StoreDatabaseException? failure)
    {
        Make([new SchemaFileCheck(), new LogCheck(), new ReserveCheck()]);
        if (failure is not null)
        {
            var kind = failure.ErrorId == "DatabaseEmpty" ? StoreDatabaseFindingKind.DatabaseEmpty : StoreDatabaseFindingKind.DatabaseMissing;
            _found(_examined.Found(kind, $"{failure.Message} {CountFiles()}"));
        }
        else if (HasTables())
        {
            Make([new StorageCheck(), new SchemaObjectsCheck(), new IntegrityCheck(), new ForeignKeyCheck()]);
            if (SchemaFile.Read(_examined.Store) is not > SchemaFile.Current)
            {
                Make([new RowCheck(), new DuplicateCheck(), new PresenceCheck(), new DerivationCheck(), new ContentAddressCheck(), new CycleCheck()]);
                Make(_options.CheckContents ? [new ContentsCheck(_options.Workers, _progress.Contents)] : []);
            }
        }
    }

    private void Make(IDatabaseCheck[] checks)
    {
        foreach (var check in checks)
        {
            _progress.Subject = check.Subject;
            try
            {
                foreach (var finding in check.Run(_examined))
                {
                    _found(finding);
                }
            }
            catch (NixStoreException error) when (error is not StoreDatabaseException { Kind: StoreErrorKind.Busy })
            {
                _examined.Cancellation.ThrowIfCancellationRequested();
                _found(_examined.NotChecked(check.Subject, error.Message));
            }

            _examined.Cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>False, and told, when SQLite cannot read what tables there are, or the one on which everything depends is not among them.</summary>
    private bool HasTables()
    {
        try
        {
            var has = _examined.Read(connection =>
            {
                using var row = new Statement(connection, "select 1 from sqlite_master where name = 'ValidPaths' and type = 'table'");
                return row.Step();
            });
            if (!has)
            {
                _found(_examined.Found(StoreDatabaseFindingKind.DatabaseEmpty,
                    $"The database '{_examined.Store.DatabasePath}' has none of a store's tables. {CountFiles()}"));
            }

            return has;
        }
        catch (StoreDatabaseException error) when (error.Kind != StoreErrorKind.Busy)
        {
            _examined.Cancellation.ThrowIfCancellationRequested();
            _found(_examined.Found(StoreDatabaseFindingKind.DatabaseUnreadable, $"{error.Message} {CountFiles()}"));
            return false;
        }
    }

    private string CountFiles()
    {
        try
        {
            return $"The store directory has {StoreDirectoryIndex.Read(_examined.Store).Count} entries.";
        }
        catch (StoreIOException error)
        {
            return error.Message;
        }
    }
}
