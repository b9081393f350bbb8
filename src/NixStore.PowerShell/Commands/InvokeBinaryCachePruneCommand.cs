using System.Management.Automation;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Plans;

namespace NixStore.PowerShell.Commands;

/// <summary>Invoke-BinaryCachePrune: does of a plan what is due, and says when the next thing is.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "BinaryCachePrune", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BinaryCachePruneResult))]
public sealed class InvokeBinaryCachePruneCommand : ModuleCommand
{
    /// <summary>The plan, or its folder.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [PrunePlanFolder]
    public string Plan { get; set; } = "";

    /// <summary>What happens to the objects. All runs of a plan have the same.</summary>
    [Parameter]
    public BinaryCachePruneMode Mode { get; set; } = BinaryCachePruneMode.Trash;

    /// <summary>The address of the cache, <c>s3://…</c> or <c>file://…</c>. Default: the one that the plan names.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? BinaryCache { get; set; }

    /// <summary>Where the trash is. Default: nixstore-trash/ in the cache; in a bucket that keeps versions, those.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TrashUrl { get; set; }

    /// <summary>How long after the narinfos the NARs go: longer than clients remember narinfos, and than the longest upload.</summary>
    [Parameter]
    [Duration]
    public TimeSpan NarDelay { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long after the NARs the plan is through: longer than the longest upload.</summary>
    [Parameter]
    [Duration]
    public TimeSpan SettleDelay { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The part, in percent, that is taken and looked at before the rest.</summary>
    [Parameter]
    [ValidateRange(0.0, 100.0)]
    public double CanaryPercent { get; set; } = 1;

    /// <summary>Requests under way at the same time; fewer while the server says that it is too much.</summary>
    [Parameter]
    [ValidateRange(1, 4096)]
    public int ThrottleLimit { get; set; } = 32;

    /// <summary>At most so many requests a second. Default: as many as come about.</summary>
    [Parameter]
    [Alias("MaximumRate")]
    [ValidateRange(0.01, 1_000_000.0)]
    public double MaximumRequestRate { get; set; } = double.PositiveInfinity;

    /// <summary>Leave in the cache what the server does not give up although it was tried several times, with all that it needs. Default: each run tries it again.</summary>
    [Parameter]
    public SwitchParameter SkipFailed { get; set; }

    /// <summary>A folder for the list and job of S3 Batch Operations, which sets the tags; with -Mode Tag. Without it, requests do, also what a job has left.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? BatchManifest { get; set; }

    /// <summary>With -Mode Tag, a bucket that keeps no versions will do, although what its lifecycle takes cannot come back.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>The address of Hydra's database: rows of buildstepoutputs whose paths were pruned go, each batch with an undo file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? HydraConnection { get; set; }

    /// <summary>User and password for Hydra's database. Default: as its address says, PGPASSWORD and ~/.pgpass.</summary>
    [Parameter]
    [Credential]
    public PSCredential? HydraCredential { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var plan = PrunePlan.Open(SessionState.Path.GetUnresolvedProviderPathFromPSPath(Plan));
        var options = new PruneOptions
        {
            Cache = BinaryCache is null ? null : ToCacheUrl(BinaryCache),
            Mode = Mode,
            TrashUrl = TrashUrl is null ? null : ToCacheUrl(TrashUrl),
            NarDelay = NarDelay,
            SettleDelay = SettleDelay,
            CanaryPercent = CanaryPercent,
            SkipFailed = SkipFailed,
            BatchManifest = BatchManifest is null ? null : SessionState.Path.GetUnresolvedProviderPathFromPSPath(BatchManifest),
            Force = Force,
            Hydra = HydraConnection is null ? null : HydraCommand.ToDatabase(HydraConnection, HydraCredential),
            Access = new ObjectAccess { ThrottleLimit = ThrottleLimit, MaximumRate = double.IsFinite(MaximumRequestRate) ? MaximumRequestRate : null },
        };
        if (IsWhatIf)
        {
            var (step, due) = PruneRun.Preview(plan, options, DateTimeOffset.UtcNow);
            ShouldProcess(plan.Summary.Cache ?? plan.Directory, Describe(plan, step, due));
            return;
        }

        Run(plan, options);
    }

    private void Run(PrunePlan plan, PruneOptions options)
    {
        using var progress = NewProgress("Pruning the binary cache");
        PruneRun? run = null;
        Pump<PruneRun>((emit, stop) => emit(PruneRun.Open(plan, options, cancellation: stop)), opened => run = Keep(opened), progress);
        progress.Follow(() => Status(plan, run!.Progress));
        while (true)
        {
            var (step, due) = run!.Next();
            if (step is PruneStep.Wait or PruneStep.Finished)
            {
                WriteObject(new BinaryCachePruneResult
                {
                    Plan = plan.Directory, PlanId = plan.Summary.Id, BinaryCache = run.Cache, Mode = Mode, Step = step.ToString(), NextDue = due, IsFinished = step == PruneStep.Finished,
                });
                break;
            }

            if (!ShouldProcess(run.Cache, Describe(plan, step, due)))
            {
                break;
            }

            BinaryCachePruneResult? result = null;
            Pump<BinaryCachePruneResult>((emit, stop) => emit(run.Do(step, stop)), done => result = done, progress);
            WriteObject(result);
            if (Tell(result!))
            {
                break;
            }
        }

        run.Dispose();
    }

    /// <summary>Tells what did not go as it should; true when the run cannot go on.</summary>
    private bool Tell(BinaryCachePruneResult result)
    {
        var failed = result.Exceptions.Where(exception => exception.Kind == PruneExceptionKind.Failed).ToList();
        foreach (var lost in result.Exceptions.Where(exception => exception.Kind == PruneExceptionKind.Lost))
        {
            WriteError(new NixStoreException("PruneObjectLost", StoreErrorKind.NotFound, $"'{lost.Key}' is needed again, and the trash of '{result.BinaryCache}' does not have it any more.", lost.Key,
                "Upload the path again."), lost);
        }

        foreach (var pending in result.Exceptions.Where(exception => exception.Kind == PruneExceptionKind.Pending))
        {
            WriteVerbose($"Waiting for '{pending.Key}': {pending.Reason}.");
        }

        if (failed.Count > 0)
        {
            WriteError(new NixStoreException("PruneIncomplete", StoreErrorKind.WriteError,
                $"{failed.Count:N0} objects of '{result.BinaryCache}' could not be taken although it was tried several times, such as '{failed[0].Key}': {failed[0].Reason}", result.Plan,
                "Run the command again: it tries them only. Should they be locked for good, -SkipFailed leaves them where they are."), result);
        }

        return failed.Count > 0;
    }

    private string Describe(PrunePlan plan, PruneStep step, DateTimeOffset? due)
    {
        var where = Mode == BinaryCachePruneMode.Tag ? BatchManifest is null ? "Tag for the bucket's lifecycle" : "Let S3 Batch Operations tag" : $"Move into the trash{(Mode == BinaryCachePruneMode.Delete ? " (deleted when the plan is settled)" : "")}";
        return step switch
        {
            PruneStep.Reconcile => "Compare the cache with the plan, and bring back what is needed by now",
            PruneStep.NarInfos => $"{where} {Count(plan, 1)} of the plan {plan.Summary.Id}; NARs follow after {StoreDuration.Format(NarDelay)}",
            PruneStep.HydraRows => $"Delete the rows of {plan.Summary.PathCount:N0} paths from Hydra's database",
            PruneStep.Nars => $"{where} {Count(plan, 2)} of the plan {plan.Summary.Id}",
            PruneStep.Expire => "Look whether the bucket's lifecycle has taken what has a tag",
            PruneStep.Settle => Mode == BinaryCachePruneMode.Delete ? "Delete for good what the plan has in the trash" : "Settle the plan",
            PruneStep.Wait => $"Nothing but comparing before {due:u}",
            _ => "Nothing: the plan is through",
        };
    }

    private static string Count(PrunePlan plan, int wave) => wave == 1
        ? $"{plan.Summary.PathCount:N0} narinfos with what belongs to them ({plan.Summary.Totals.Objects.Where(kind => kind.Key != "Nar").Sum(kind => kind.Value):N0} objects)"
        : $"{plan.Summary.Totals.Objects.GetValueOrDefault("Nar"):N0} NARs ({ByteSize.Format(plan.Summary.Totals.Bytes.GetValueOrDefault("Nar"))})";

    private static (string Status, long Done, long? Total) Status(PrunePlan plan, PruneProgress progress)
    {
        if (progress.Objects == 0 && progress.Listed > 0)
        {
            return ($"{progress.Listed:N0} narinfos looked at", 0, null);
        }

        var money = plan.Summary is { Totals.MonthlyCost: { } cost, ObjectSize: > 0 and var all } ? $", {cost * progress.Bytes / all:N2} {plan.Summary.Totals.Currency} a month" : "";
        return ($"{progress.Objects:N0} objects, {ByteSize.Format(progress.Bytes)}{money}", progress.Objects, plan.Summary.ObjectCount);
    }
}
