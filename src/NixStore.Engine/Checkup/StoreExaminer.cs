using NixStore.Engine.Database;
using NixStore.Engine.Ledger;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Upkeep;

namespace NixStore.Engine.Checkup;

/// <summary>
/// Finds out what is wrong with a whole store, area by area: disk, roots and state directory, database, paths. Each area is by itself: where
/// damage keeps one from being looked at, a finding says so and the others go on. Of the store nothing is changed, not even an access time; what
/// was found intact is remembered in a ledger of our own.
/// </summary>
public sealed class StoreExaminer
{
    private readonly StoreLocation _store;
    private readonly CheckupOptions _options;
    private readonly Found _found;
    private readonly CheckupProgress _progress;
    private readonly CancellationToken _cancellation;
    private readonly PathLiveness _liveness;

    private StoreExaminer(
        StoreLocation store, CheckupOptions options, Action<StoreFinding> found, CheckupProgress progress, CancellationToken cancellation)
    {
        _store = store;
        _options = options;
        _found = new Found(found);
        _progress = progress;
        _cancellation = cancellation;
        _liveness = new PathLiveness(store, cancellation);
    }

    /// <summary>Looks at a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="options">What to look at.</param>
    /// <param name="found">Gets each finding when it is made, from one thread at a time.</param>
    /// <param name="progress">Says how far it is.</param>
    /// <param name="cancellation">Ends it; what was found intact by then is remembered.</param>
    /// <exception cref="StoreDatabaseException">DatabaseNotFound: there is no store at all.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static void Examine(
        StoreLocation store, CheckupOptions options, Action<StoreFinding> found, CheckupProgress progress, CancellationToken cancellation)
    {
        StoreAccess.EnsureNoOverlay(store);
        new StoreExaminer(store, options, found, progress, cancellation).Run();
    }

    private void Run()
    {
        EnsureExists();
        Look(StoreFindingArea.State, "roots, state and disk", LookAround);
        var database = new DatabaseArea(_store, _found, _liveness);
        Look(StoreFindingArea.Database, "", () => database.Look(_progress.Database, _cancellation));
        if (!_found.IsDirectoryEmpty && (_options.ReadsContents || _options.SizeOnly))
        {
            Look(StoreFindingArea.Path, "paths", LookAtPaths);
        }

        database.TellDerivations();
    }

    private void Look(StoreFindingArea area, string subject, Action look)
    {
        _progress.Subject = subject;
        _cancellation.ThrowIfCancellationRequested();
        try
        {
            look();
        }
        catch (NixStoreException error)
        {
            _cancellation.ThrowIfCancellationRequested();
            _found.Tell(new StoreFinding
            {
                Store = _store.Url,
                Area = area,
                Kind = Found.CheckFailed,
                Severity = StoreFindingSeverity.Warning,
                Detail = error.Message,
                Remedy = error.Remedy,
            });
        }
    }

    private void EnsureExists()
    {
        if (!Posix.TryStatus(_store.RealDirectory, out _, out _) && !Posix.TryStatus(_store.DatabasePath, out _, out _))
        {
            throw new StoreDatabaseException("DatabaseNotFound", StoreErrorKind.NotFound, $"There is no database '{_store.DatabasePath}'.",
                _store.DatabasePath, "Check -Store: there is no Nix store.");
        }
    }

    /// <summary>Of the links, contents are read by whoever wants all contents read: those of a scrub are the paths that are due.</summary>
    private void LookAround() => UpkeepExaminer.Examine(
        _store, new UpkeepOptions { CheckContents = _options.CheckContents && !_options.IsScrub, Workers = _options.Workers }, _found.Tell, _cancellation);

    private void LookAtPaths()
    {
        using var database = StoreDatabase.OpenForReading(_store);
        using var area = new PathArea(_store, _found, _liveness);
        using var ledger = OpenLedger();
        if (_options.SizeOnly)
        {
            new SizesLook(database, _options.Workers, ledger, area, _progress.Paths).Run(_cancellation);
        }
        else
        {
            new ContentsLook(database, _options, ledger, area, _progress.Paths).Run(_cancellation);
        }

        if (ledger?.Failure is { } failure)
        {
            TellOfLedger("LedgerNotWritten", StoreFindingSeverity.Warning, $"what was found intact could not be remembered: {failure.Message}", failure.Remedy);
        }
    }

    /// <summary>A ledger is a memory: that there can be none is no error.</summary>
    private VerificationLedger? OpenLedger()
    {
        if (_options is { Record: true, SizeOnly: false } && !_store.IsReadOnly)
        {
            try
            {
                var ledger = VerificationLedger.Open(_store, _options.Clock);
                if (ledger.WasDamaged)
                {
                    TellOfLedger("LedgerDamaged", StoreFindingSeverity.Warning,
                        $"the ledger of what was found intact was damaged and is begun anew; it was put into '{LedgerFile.AsidePathOf(_store)}'",
                        "Nothing is lost but the memory: every path is due again. Look at the disk's health.");
                }

                return ledger;
            }
            catch (NixStoreException error)
            {
                TellOfLedger("LedgerNotWritten", StoreFindingSeverity.Information, $"what is found intact is not remembered: {error.Message}", error.Remedy);
            }
        }

        try
        {
            return VerificationLedger.TryOpenForReading(_store, _options.Clock);
        }
        catch (NixStoreException error)
        {
            TellOfLedger("LedgerDamaged", StoreFindingSeverity.Warning, $"the ledger of what was found intact cannot be read: {error.Message}",
                "Nothing depends on it. The next look that may write begins a new one.");
            return null;
        }
    }

    private void TellOfLedger(string kind, StoreFindingSeverity severity, string detail, string? remedy) => _found.Tell(new StoreFinding
    {
        Store = _store.Url,
        Area = StoreFindingArea.State,
        Kind = kind,
        Severity = severity,
        Path = LedgerFile.PathOf(_store),
        Detail = detail,
        Remedy = remedy,
    });
}
