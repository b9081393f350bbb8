using System.Management.Automation;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Trash;

namespace NixStore.PowerShell.Commands;

/// <summary>Clear-BinaryCacheTrash: deletes for good what was pruned long ago and that nobody has asked for since.</summary>
[Cmdlet(VerbsCommon.Clear, "BinaryCacheTrash", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BinaryCacheTrashResult))]
public sealed class ClearBinaryCacheTrashCommand : BinaryCacheTrashCommand
{
    /// <summary>Only paths of these hash parts of 32 characters. Default: all.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidatePattern("^[0-9abcdfghijklmnpqrsvwxyz]{32}$")]
    public string[] HashPart { get; set; } = [];

    /// <summary>Only what was pruned so long ago, such as 60d, or before a moment. Default: all.</summary>
    [Parameter]
    [StoreAge]
    public StoreAge? OlderThan { get; set; }

    /// <summary>Access logs, plain, .gz or .zst, or folders with them: paths that were asked for in vain since stay, with all that they lead to.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] FromAccessLog { get; set; } = [];

    /// <summary>Also of plans that are not through.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var plans = PlanId.ToList();
        if (plans.Count == 0)
        {
            Pump<string>((emit, stop) =>
            {
                using var trash = OpenTrash(stop);
                foreach (var plan in PlansOf(trash, stop))
                {
                    emit(plan);
                }
            }, plans.Add);
        }

        plans.ForEach(plan => Gather(plan, HashPart.Length == 0 ? null : HashPart));
    }

    /// <inheritdoc/>
    protected override void End()
    {
        foreach (var cache in Gathered.GroupBy(plan => (plan.Key.Cache, plan.Key.TrashUrl)))
        {
            (BinaryCache, TrashUrl) = cache.Key;
            Try(() =>
            {
                var asked = FindAsked();
                foreach (var (plan, hashes) in cache)
                {
                    Try(() => Clear(plan.Plan, hashes, asked));
                }
            });
        }
    }

    /// <summary>What clients have missed since the first object went of all that is in the trash. A log that cannot be read ends it: who knows what it names.</summary>
    private List<string> FindAsked()
    {
        var asked = new List<string>();
        if (FromAccessLog.Length > 0)
        {
            var logs = LogsOf(FromAccessLog);
            using var progress = NewProgress("Reading access logs");
            Pump<string>((emit, stop) =>
            {
                using var trash = OpenTrash(stop);
                if (trash.FindOldestTime(stop).GetAwaiter().GetResult() is { } since)
                {
                    trash.FindAsked(null, AccessLogMisses.Find(logs, since, error => throw error, stop), stop).ForEach(emit);
                }
            }, asked.Add, progress);
        }

        return asked;
    }

    private void Clear(string plan, HashSet<string>? hashes, List<string> asked)
    {
        var before = OlderThan?.CutOff(DateTimeOffset.UtcNow);
        var counts = new PruneProgress();
        using var progress = NewProgress("Clearing the trash");
        progress.Follow(() => ($"{counts.Objects:N0} objects, {ByteSize.Format(counts.Bytes)}", counts.Objects, null));
        BinaryCacheTrash? summary = null;
        Pump<BinaryCacheTrash>((emit, stop) =>
        {
            using var trash = OpenTrash(stop);
            emit(trash.Summarize(plan, stop).GetAwaiter().GetResult());
        }, found => summary = found, progress);
        if (summary!.ObjectCount == 0 || summary.OldestTime >= before)
        {
            return;
        }

        var what = (hashes, before) switch
        {
            ({ } some, _) => $"{some.Count:N0} paths of",
            (_, { } moment) => $"what went before {moment:u} of",
            _ => "all of",
        };
        if (ShouldProcess(BinaryCache, $"Delete for good {what} the plan {plan} ({summary.ObjectCount:N0} objects, {ByteSize.Format(summary.Size)}, in the trash)"))
        {
            Pump<BinaryCacheTrashResult>((emit, stop) =>
            {
                using var trash = OpenTrash(stop);
                emit(trash.Clear(plan, before, asked, Force, counts, hashes, stop).GetAwaiter().GetResult());
            }, WriteObject, progress);
        }
    }
}
