using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Pruning.Trash;

namespace NixStore.Catalog.Pruning.Applying;

/// <summary>
/// A plan that is being applied, by as many runs as it takes. Every run first compares the cache with the plan; narinfos go first, NARs only after a
/// delay, and the plan is through only after another one, for an upload may have looked for a NAR just before it went. What is only tagged goes when the
/// bucket's lifecycle takes it, and the delays begin then.
/// </summary>
public sealed class PruneRun : IDisposable
{
    // What others have to do takes days.
    private static readonly TimeSpan s_patience = TimeSpan.FromDays(1);

    private readonly PruneOptions _options;
    private readonly TimeProvider _clock;
    private readonly TrashPlace _place;
    private readonly TrashFolder _trash;
    private readonly PruneJournal _journal;
    private IRemoval? _removal;
    private bool _isReconciled;
    private bool _isFirst = true;
    private DateTimeOffset? _waitsUntil;
    private bool _isDisposed;

    private PruneRun(PrunePlan plan, PruneOptions options, TimeProvider clock, TrashPlace place, PruneJournal journal)
    {
        Plan = plan;
        _options = options;
        _clock = clock;
        _place = place;
        _trash = place.FolderOf(plan.Summary.Id);
        _journal = journal;
    }

    /// <summary>The plan.</summary>
    public PrunePlan Plan { get; }

    /// <summary>Address of the cache.</summary>
    public string Cache => _place.Cache.Address;

    /// <summary>How far the step at hand is.</summary>
    public PruneProgress Progress { get; } = new();

    /// <summary>Says what would be done, and changes nothing.</summary>
    /// <exception cref="NixStoreException">PruneModeDiffers, PruneCacheDiffers, PruneJournalDamaged; errors of reading.</exception>
    public static (PruneStep Step, DateTimeOffset? NextDue) Preview(PrunePlan plan, PruneOptions options, DateTimeOffset now)
    {
        var state = PruneJournal.Read(plan.Directory);
        PruneChecks.EnsureSame(plan, state.Begun, options);
        return PruneSchedule.Next(state, options, isReconciled: true, isFirst: true, now);
    }

    /// <summary>Opens a plan to apply it.</summary>
    /// <exception cref="NixStoreException">
    /// PlanNotApproved, PlanHasNoCache, PruneModeDiffers, PruneCacheDiffers, PruneModeNotSupported, PruneBusy, PruneJournalDamaged, PrunePlanDamaged; BinaryCacheReadOnly and other errors of the cache.
    /// </exception>
    public static PruneRun Open(PrunePlan plan, PruneOptions options, TimeProvider? clock = null, CancellationToken cancellation = default)
    {
        PruneChecks.EnsureApproved(plan);
        PruneChecks.EnsureTags(options);
        PruneChecks.EnsureSame(plan, PruneJournal.Read(plan.Directory).Begun, options);
        plan.Verify(cancellation);
        var address = options.Cache ?? plan.Summary.Cache ?? throw new NixStoreException("PlanHasNoCache", StoreErrorKind.InvalidArgument,
            $"The plan '{plan.Directory}' does not say which cache it is for.", plan.Directory, "Give the address of the cache by -BinaryCache.");
        var time = clock ?? TimeProvider.System;
        var place = TrashPlace.Open(address, options.TrashUrl, options.Access, cancellation);
        try
        {
            PruneChecks.EnsureCache(place.Cache, cancellation);
            return new PruneRun(plan, options, time, place, PruneJournal.Open(plan.Directory, time));
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    /// <summary>What is due next, and when.</summary>
    public (PruneStep Step, DateTimeOffset? NextDue) Next() => _waitsUntil is { } due ? (PruneStep.Wait, due)
        : PruneSchedule.Next(_journal.State, _options, _isReconciled, _isFirst, _clock.GetUtcNow());

    /// <summary>Does a step.</summary>
    /// <exception cref="NixStoreException">PruneCanaryFailed, PruneNarInfoUnreadable, PruneWithoutReturn; errors of the cache, of the trash, of Hydra's database.</exception>
    /// <exception cref="OperationCanceledException"/>
    public BinaryCachePruneResult Do(PruneStep step, CancellationToken cancellation = default)
    {
        Progress.Reset();
        _removal ??= Begin(cancellation).GetAwaiter().GetResult();
        var result = step switch
        {
            PruneStep.Reconcile => Reconcile(cancellation),
            PruneStep.NarInfos => TakeWave(1, step, cancellation),
            PruneStep.HydraRows => DeleteRows(cancellation),
            PruneStep.Nars => TakeWave(2, step, cancellation),
            PruneStep.Expire => Expire(cancellation),
            PruneStep.Settle => Settle(cancellation),
            _ => Result(step),
        };
        _isFirst = false;
        _isReconciled = step == PruneStep.Reconcile || (_isReconciled && step == PruneStep.HydraRows);
        return result with { NextDue = Next().NextDue, IsFinished = _journal.State.SettledAt is not null };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _journal.Dispose();
            _place.Dispose();
        }
    }

    private DateTimeOffset UnknownBefore => Plan.Summary.Source.InventoryTime ?? Plan.Summary.CreatedAt;

    private async Task<IRemoval> Begin(CancellationToken cancellation)
    {
        await PruneChecks.EnsureReturn(_place.Cache, _options).ConfigureAwait(false);
        if (_journal.State.HasBegunBatches)
        {
            return Removals.Open(_journal.State.Begun!.Method, _place.Cache, _trash, UnknownBefore, _clock);
        }

        var method = _journal.State.Begun?.Method ?? await Removals.Choose(_place.Cache, _options.Mode, _place.IsElsewhere).ConfigureAwait(false);
        var noncurrentDays = await EnsureKept(method, cancellation).ConfigureAwait(false);
        if (_journal.State.Begun is null)
        {
            if (await _trash.ReadAbout(cancellation).ConfigureAwait(false) is not null)
            {
                throw new NixStoreException("PruneBegunElsewhere", StoreErrorKind.InvalidArgument, $"The trash of '{Cache}' has the plan {Plan.Summary.Id} already, and '{Plan.Directory}' has no journal of that.",
                    Plan.Directory, "Go on with the folder that it was begun with. Should that be lost: Restore-BinaryCacheTrash -All, then make a new plan.");
            }

            _journal.Add(new RunBegun(Plan.Summary.Id, Plan.Summary.Digest, _options.Mode, method, Cache, _options.TrashUrl,
                [Wave.BatchSizeFor(Wave.CountOf(Plan, 1)), Wave.BatchSizeFor(Wave.CountOf(Plan, 2))], Environment.MachineName, Environment.UserName));
        }

        // Again by each run until something may have been taken: the one before may have been killed here.
        await _trash.WriteAbout(
            new TrashAbout(1, Plan.Summary.Id, method, Cache, Plan.Summary.StoreDirectory, _journal.State.Begun!.Time, null, noncurrentDays), cancellation).ConfigureAwait(false);
        await _trash.WriteFile("plan.json", await File.ReadAllBytesAsync(Path.Combine(Plan.Directory, PrunePlanFile.FileName), cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        return Removals.Open(method, _place.Cache, _trash, UnknownBefore, _clock);
    }

    private Task<int?> EnsureKept(TrashMethod method, CancellationToken cancellation) => VersionKeeping.Ensure(method, _place.Cache, _options.NarDelay + _options.SettleDelay, cancellation);

    private WaveRun RunOf(int wave) => new(new Wave(Plan, wave, _journal.State.Begun!.BatchSizes[wave - 1]), _journal, _removal!, _trash, _options, Progress);

    private BinaryCachePruneResult Reconcile(CancellationToken cancellation)
    {
        // The rest of what a killed run has begun with goes after this: something may need it by now.
        var found = new Reconciliation(Plan, _place.Cache, _removal!, _trash, _journal, _options, Progress).Run(cancellation).GetAwaiter().GetResult();
        RestoreRows(cancellation);
        return Result(PruneStep.Reconcile) with
        {
            ObjectCount = found.Read,
            RestoredCount = found.Restored.Restored,
            ObjectSize = found.Restored.Bytes,
            Exceptions = [.. found.Kept.Select(kept => new BinaryCachePruneException(kept.Name + ".narinfo", PruneExceptionKind.Resurrected, $"needed by {kept.Because}")),
                .. found.Lost.Select(key => new BinaryCachePruneException(key, PruneExceptionKind.Lost, "needed again, and the trash does not have it"))],
        };
    }

    private BinaryCachePruneResult TakeWave(int number, PruneStep step, CancellationToken cancellation)
    {
        EnsureKept(_removal!.Method, cancellation).GetAwaiter().GetResult();
        var before = _journal.State.Done.Where(batch => batch.Wave == number).Sum(batch => batch.Taken);
        var bytesBefore = _journal.State.Done.Where(batch => batch.Wave == number).Sum(batch => batch.Bytes);
        if (WaitsForJob(number, cancellation) is { } report)
        {
            return Waiting(step, report, "a job of S3 Batch Operations has to tag what the list names, and there is no report of it yet");
        }

        var run = RunOf(number);
        run.Run(Wave.CountOf(Plan, number), cancellation).GetAwaiter().GetResult();
        var done = _journal.State.Done.Where(batch => batch.Wave == number).ToList();
        var bytes = done.Sum(batch => batch.Bytes) - bytesBefore;
        return Result(step) with
        {
            ObjectCount = done.Sum(batch => batch.Taken) - before,
            ObjectSize = bytes,
            MonthlyCost = Plan.Summary is { Totals.MonthlyCost: { } cost, ObjectSize: > 0 and var all } ? cost * bytes / all : null,
            Exceptions = [.. run.Exceptions.Select(outcome => new BinaryCachePruneException(outcome.Key, outcome.Kind switch
            {
                TakeKind.Gone => PruneExceptionKind.AlreadyGone,
                TakeKind.Changed => PruneExceptionKind.Changed,
                _ => PruneExceptionKind.Failed,
            }, outcome.Reason))],
        };
    }

    /// <summary>Where the report of a job comes that has to be waited for, and for which the list is written if there is none; null when there is none to wait for.</summary>
    private string? WaitsForJob(int number, CancellationToken cancellation)
    {
        if (_options.BatchManifest is null && !_journal.State.Manifests.Contains(number))
        {
            return null;
        }

        var manifest = new BatchManifest(Plan, _journal, _trash, (S3Objects)_place.Cache, UnknownBefore, _clock);
        if (!_journal.State.Manifests.Contains(number))
        {
            manifest.Write(number, _options.BatchManifest!, cancellation).GetAwaiter().GetResult();
        }

        if (_options.BatchManifest is not null && !manifest.IsJobOver(number, cancellation))
        {
            return manifest.ReportKey(number);
        }

        // Without -BatchManifest somebody says that there is no job, or no more. What it has left, requests do.
        manifest.Untag(number, cancellation).GetAwaiter().GetResult();
        return null;
    }

    private BinaryCachePruneResult DeleteRows(CancellationToken cancellation)
        => Result(PruneStep.HydraRows) with { ObjectCount = new Hydra.HydraPruning(Plan, _options.Hydra!, _journal, _trash).Run(Progress, cancellation).GetAwaiter().GetResult() };

    /// <summary>Rows of paths that came back come back, too; as often as one likes.</summary>
    private void RestoreRows(CancellationToken cancellation)
    {
        if (_options.Hydra is { } hydra && _journal.State is { KeptPaths.IsEmpty: false, HydraAfter.Length: > 0 } state)
        {
            var paths = Plan.ReadNarInfos("WHERE hash IN (SELECT unnest(CAST(? AS VARCHAR[])))", cancellation, state.KeptPaths.Keys.ToList())
                .Select(path => $"{Plan.Summary.StoreDirectory}/{path.HashPart}-{path.Name}").ToList();
            new Hydra.HydraUndo(_trash, hydra).Run(paths, cancellation).GetAwaiter().GetResult();
        }
    }

    private BinaryCachePruneResult Expire(CancellationToken cancellation)
    {
        var left = new TagExpiry(Plan, _journal, (S3Objects)_place.Cache, UnknownBefore).Look(_journal.State.WaveEnds.Count + 1, cancellation).GetAwaiter().GetResult();
        return left is null ? Result(PruneStep.Expire) : Waiting(PruneStep.Expire, left, "it has its tag, and the bucket's lifecycle has not taken it yet");
    }

    /// <summary>Nothing more can be done before others have done theirs.</summary>
    private BinaryCachePruneResult Waiting(PruneStep step, string key, string reason)
    {
        _waitsUntil = _clock.GetUtcNow() + s_patience;
        return Result(step) with { Exceptions = [new BinaryCachePruneException(key, PruneExceptionKind.Pending, reason)] };
    }

    private BinaryCachePruneResult Settle(CancellationToken cancellation)
    {
        var cleared = (Count: 0L, Bytes: 0L);
        if (_journal.State.Begun!.Mode == BinaryCachePruneMode.Delete)
        {
            cleared = new TrashCleaning(new TrashPlan(_trash, _removal!)).All(Progress, cancellation).GetAwaiter().GetResult();
        }
        else if (_removal!.Method == TrashMethod.Tag)
        {
            // Nothing is left for it, and a version that comes back by hand has its tag still.
            new S3Tags((S3Objects)_place.Cache, Plan.Summary.Id).RemoveRule(cancellation).GetAwaiter().GetResult();
        }

        SettleTrash(cancellation).GetAwaiter().GetResult();
        _journal.Add(new PlanSettled());
        return Result(PruneStep.Settle) with { ObjectCount = cleared.Count, ObjectSize = cleared.Bytes };
    }

    private async Task SettleTrash(CancellationToken cancellation)
    {
        if (await _trash.ReadAbout(cancellation).ConfigureAwait(false) is { SettledAt: null } about)
        {
            await _trash.WriteAbout(about with { SettledAt = _clock.GetUtcNow() }, cancellation).ConfigureAwait(false);
        }
    }

    private BinaryCachePruneResult Result(PruneStep step) => new()
    {
        Plan = Plan.Directory,
        PlanId = Plan.Summary.Id,
        BinaryCache = Cache,
        Mode = _options.Mode,
        Step = step.ToString(),
    };
}
