using NixStore.Engine.Database;
using NixStore.Engine.Diagnosis;
using NixStore.Engine.Ledger;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Checkup;

/// <summary>Reads the contents of paths, all or those that are due, tells what is wrong, and remembers what is right.</summary>
internal sealed class ContentsLook
{
    /// <summary>Without a budget, paths of this size are read first, so that none is left over for a single worker at the end.</summary>
    private const long Large = 4 << 20;

    private readonly StoreDatabase _database;
    private readonly StoreLocation _store;
    private readonly CheckupOptions _options;
    private readonly VerificationLedger? _ledger;
    private readonly PathArea _area;
    private readonly VerificationProgress _progress;
    private int _read;

    internal ContentsLook(StoreDatabase database, CheckupOptions options, VerificationLedger? ledger, PathArea area, VerificationProgress progress)
    {
        _database = database;
        _store = database.Store;
        _options = options;
        _ledger = ledger;
        _area = area;
        _progress = progress;
    }

    /// <summary>Reads.</summary>
    /// <exception cref="NixStoreException">The database or the store directory cannot be read on.</exception>
    /// <exception cref="OperationCanceledException"/>
    internal void Run(CancellationToken cancellation)
    {
        var deadline = new Deadline(_options.Clock, _options.Budget);
        var (due, unlooked) = _options.IsScrub ? Schedule(cancellation) : ([], 0);
        SetTotals(due);
        using var candidates = new ReferenceCandidates(StoreDatabase.OpenForReading(_store));
        var links = new LinksIndex(_store);
        var proof = new TrustCheck(_options.KnownKeys, _store.Directory);
        RowWorkers.Run(
            _options.Workers, () => new Reader(new PathTester(_store, links, candidates, proof, null)), Rows(due, deadline), Math.Max(_options.Workers, 1),
            (reader, row, stop) =>
            {
                if (!deadline.IsOver)
                {
                    Read(reader, row, stop);
                    Interlocked.Increment(ref _read);
                }
            },
            cancellation);
        _ledger?.Flush();
        TellWhatIsLeft(deadline.IsOver ? due.Count - _read : 0, unlooked);
        if (_ledger is { IsRecording: true } && _area.CanAsk)
        {
            _ledger.Prune(name => _database.IsRegistered($"{_store.Directory.Path}/{name}"), cancellation);
        }
    }

    private (IReadOnlyList<DuePath> Due, int Unlooked) Schedule(CancellationToken cancellation)
    {
        var now = _options.Clock.GetUtcNow();
        var schedule = ScrubSchedule.Make(
            _database, _ledger, _options.MaxAge?.CutOff(now) ?? now, _options.Clock, _options.Budget, _options.Workers, TellMetadata, cancellation);
        return (schedule.Due, schedule.Unlooked);
    }

    private void SetTotals(IReadOnlyList<DuePath> due) => (_progress.TotalPaths, _progress.TotalBytes) = _options.IsScrub
        ? (due.Count, due.Sum(path => path.NarSize)) : _database.ReadTotals();

    private IEnumerable<PathRow> Rows(IReadOnlyList<DuePath> due, Deadline deadline)
    {
        if (!_options.IsScrub)
        {
            return ParallelVerifier.Order(_database, _database.ReadSizes());
        }

        var ordered = _options.Budget is null ? due.OrderByDescending(path => path.NarSize >= Large ? path.NarSize : 0) : (IEnumerable<DuePath>)due;
        return ordered.TakeWhile(_ => !deadline.IsOver).Select(path => _database.Find(path.Row)).OfType<PathRow>();
    }

    private void Read(Reader reader, PathRow row, CancellationToken stop)
    {
        reader.Recorder.Clear();
        var verified = reader.Tester.Test(row, stop, reader.Recorder);
        _progress.Add(row.NarSize ?? 0);
        var record = reader.Recorder.Record;
        var problems = verified.Info.Problems;
        if (verified is { HasRegisteredContents: true, Parsed: { Path: { } path, NarHash: { } hash } } && !problems.Any(IsToBeReadAgain))
        {
            record.Sort();
            _ledger?.RecordIntact(path, hash, record);
        }
        else if (verified.Parsed.Path is { } broken && !problems.Any(problem => problem.Kind == StoreProblemKind.Missing))
        {
            problems = NameFiles(broken, verified, record);
            _ledger?.RecordBroken(broken);
        }

        _area.Tell(row.Path, problems);
    }

    /// <summary>Which files are wrong is a guess to whoever has only a hash of them all. The ledger knows it.</summary>
    private IReadOnlyList<StorePathProblem> NameFiles(StorePath path, VerifiedPath verified, TreeRecord record)
    {
        var problems = verified.Info.Problems;
        if (verified.Actual is null || _ledger?.Find(path) is not { } entry || !entry.IsOf(verified.Parsed.NarHash) || _ledger.FindFiles(path) is not { } before)
        {
            return problems;
        }

        record.Sort();
        var changed = TreeComparison.Compare(before, record, withContents: true);
        if (changed.Count == 0)
        {
            return problems;
        }

        var names = changed.Select(problem => problem.File).ToHashSet(StringComparer.Ordinal);
        var explained = problems.Where(problem => IsOfFile(problem) && names.Contains(problem.File)).Select(problem => problem.File).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. problems.Where(problem => !IsOfFile(problem) || names.Contains(problem.File)),
            .. changed.Where(problem => !explained.Contains(problem.File)),
        ];
    }

    /// <summary>True for a supposition about one of the files of a path whose contents are wrong.</summary>
    private static bool IsOfFile(StorePathProblem problem) => problem.State == StorePathState.Corrupt && problem.Kind != StoreProblemKind.HashMismatch;

    /// <summary>True for what a later look would not find unless it reads the path again: all but metadata.</summary>
    private static bool IsToBeReadAgain(StorePathProblem problem) => PathArea.IsToldHere(problem) && problem.State != StorePathState.Altered;

    /// <summary>Of what is not due, the look for changes sees the metadata.</summary>
    private void TellMetadata(string path, TreeLooker looker)
    {
        var problems = new List<StorePathProblem>(0);
        looker.Metadata.AddTo(problems);
        _area.Tell(path, problems);
    }

    private void TellWhatIsLeft(int left, int unlooked)
    {
        if (_options.IsScrub && (left > 0 || unlooked > 0))
        {
            var more = unlooked > 0 ? $"; {unlooked} that are not due could not be looked at for changes" : "";
            _area.Tell("ContentsDue", StoreFindingSeverity.Information,
                $"{_read} paths were read in the time given, {left} more are due{more}",
                _ledger is { IsRecording: true, Failure: null } ? "The next run goes on where this one ended." : null);
        }
    }

    /// <summary>What one thread reads with.</summary>
    private sealed class Reader(PathTester tester) : IDisposable
    {
        internal PathTester Tester { get; } = tester;

        internal TreeRecorder Recorder { get; } = new();

        public void Dispose() => Tester.Dispose();
    }
}
