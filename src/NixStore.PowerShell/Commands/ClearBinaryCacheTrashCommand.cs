using System.Management.Automation;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Trash;

namespace NixStore.PowerShell.Commands;

/// <summary>Clear-BinaryCacheTrash: deletes for good what was pruned long ago and that nobody has asked for since.</summary>
[Cmdlet(VerbsCommon.Clear, "BinaryCacheTrash", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BinaryCacheTrashResult))]
public sealed class ClearBinaryCacheTrashCommand : BinaryCacheTrashCommand
{
    /// <summary>Only what was pruned so long ago, such as 60d, or before a moment. Default: all.</summary>
    [Parameter]
    [StoreAge]
    public StoreAge? OlderThan { get; set; }

    /// <summary>Access logs, plain, .gz or .zst, or folders with them: paths that were asked for in vain since stay.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] FromAccessLog { get; set; } = [];

    /// <summary>Also of plans that are not through.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var before = OlderThan?.CutOff(DateTimeOffset.UtcNow);
        var counts = new PruneProgress();
        using var progress = NewProgress("Clearing the trash");
        progress.Follow(() => ($"{counts.Objects:N0} objects, {ByteSize.Format(counts.Bytes)}", counts.Objects, null));
        var plans = new List<BinaryCacheTrash>();
        Pump<BinaryCacheTrash>((emit, stop) =>
        {
            using var trash = OpenTrash(stop);
            foreach (var plan in PlansOf(trash, stop))
            {
                emit(trash.Summarize(plan, stop).GetAwaiter().GetResult());
            }
        }, plans.Add, progress);
        foreach (var plan in plans.Where(plan => plan.ObjectCount > 0 && (before is not { } moment || plan.OldestTime < moment)))
        {
            var what = before is { } limit ? $"what went before {limit:u} of" : "all of";
            if (ShouldProcess(BinaryCache, $"Delete for good {what} the plan {plan.PlanId} ({plan.ObjectCount:N0} objects, {ByteSize.Format(plan.Size)}, in the trash)"))
            {
                Try(() => Clear(plan, before, counts, progress));
            }
        }
    }

    private void Clear(BinaryCacheTrash plan, DateTimeOffset? before, PruneProgress counts, ProgressDisplay progress) => Pump(
        (emit, stop) =>
        {
            using var trash = OpenTrash(stop);
            var asked = FromAccessLog.Length == 0 || plan.OldestTime is not { } since ? []
                : trash.FindAsked(plan.PlanId, AccessLogMisses.Find(LogsOf(FromAccessLog), since, error => emit(() => WriteError(error)), stop), stop);
            var result = trash.Clear(plan.PlanId, before, asked, Force, counts, stop).GetAwaiter().GetResult();
            emit(() => WriteObject(result));
        },
        progress);
}
