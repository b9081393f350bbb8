using System.Management.Automation;
using NixStore.Engine.Collection;
using NixStore.Engine.Liveness;
using NixStore.Engine.Planning;
using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Commands;

/// <summary>Invoke-StoreGarbageCollection: deletes what nothing needs, or puts it into the trash; all of it, or what a plan says.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "StoreGarbageCollection", DefaultParameterSetName = EverythingSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(StoreCollection), typeof(StoreCollectionItem))]
public sealed class InvokeStoreGarbageCollectionCommand : StoreCommand
{
    private const string EverythingSet = "Everything";
    private const string PlanSet = "Plan";

    /// <summary>What goes: a plan, or the file it was saved to.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PlanSet, ValueFromPipeline = true)]
    [StoreGarbagePlan]
    public StoreGarbagePlan? Plan { get; set; }

    /// <summary>Put everything into the trash instead of deleting it.</summary>
    [Parameter]
    public SwitchParameter Trash { get; set; }

    /// <summary>How many things are removed at once. Default: one for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <summary>How long to wait for another collection: a time span, or seconds. Default: as long as it takes.</summary>
    [Parameter]
    [Timeout]
    public TimeSpan? Timeout { get; set; }

    /// <summary>Give an object for each thing instead of one for the whole.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private string Action => Trash ? "Put garbage into the trash" : "Delete garbage";

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = Store is null && Plan is not null ? StoreLocator.Locate(Plan.Store) : LocateStore();
        var options = Plan is null ? SurveyOptions.Default : new SurveyOptions(Plan.Policy.KeepDerivations, Plan.Policy.KeepOutputs, []);
        if (IsWhatIf)
        {
            Predict(store, options);
        }
        else if (ShouldProcess(Plan is null ? $"all that no root needs in {store.Url}" : $"plan {Plan} in {store.Url}", Action))
        {
            Collect(store, options.Settings);
        }
    }

    private void Predict(StoreLocation store, SurveyOptions options)
    {
        var survey = options.Survey(store, WriteWarning, PipelineStopToken);
        var garbage = GarbagePlanner.Predict(survey, Plan, ThrottleLimit, PipelineStopToken);
        var size = ByteSize.Format(garbage.Sum(item => item.ReclaimableSize ?? 0));
        var left = Plan is null || Plan.Count == garbage.Count ? "" : $" ({Plan.Count - garbage.Count} of the plan stay or are gone)";
        ShouldProcess($"{garbage.Count} things of {size} in {store.Url}{left}", Action);
        foreach (var item in garbage)
        {
            WriteVerbose(item.Path);
        }
    }

    private void Collect(StoreLocation store, LivenessSettings settings)
    {
        var status = new CollectionStatus();
        using var progress = NewProgress("Collecting garbage");
        progress.Follow(status.Ask);
        Pump(
            (emit, stop) =>
            {
                var tell = CollectionStatus.Patiently(emit);
                long dropped = 0;
                var request = new CollectionRequest
                {
                    Settings = settings,
                    Trash = Trash,
                    Workers = ThrottleLimit,
                    Timeout = Timeout ?? System.Threading.Timeout.InfiniteTimeSpan,
                    Waiting = status.Wait,
                    Progress = status.Counts,
                    Choose = survey => Choose(survey, item =>
                    {
                        dropped += item.Outcome == CollectionOutcome.InUse ? 1 : 0;
                        tell(() => Write(item));
                    }, stop),
                    Done = item => tell(() => Write(item)),
                    Failed = error => tell(() => WriteError(error)),
                    Warned = warning => tell(() => WriteWarning(warning.Message)),
                };
                var collection = Collector.Collect(store, request, stop);
                tell(() => Write(collection with { InUseCount = collection.InUseCount + dropped }));
            },
            progress);
    }

    private IReadOnlyList<GarbageItem> Choose(StoreSurvey survey, Action<StoreCollectionItem> drop, CancellationToken cancellation)
    {
        if (Plan is null)
        {
            return GarbagePlanner.Everything(survey, ThrottleLimit, cancellation);
        }

        var (items, dropped) = GarbagePlanner.Recheck(survey, Plan);
        foreach (var item in dropped)
        {
            drop(item);
        }

        return items;
    }

    private void Write(StoreCollectionItem item)
    {
        WriteVerbose(item.Reason is null ? $"{item}" : $"{item}: {item.Reason}");
        if (PassThru)
        {
            WriteObject(item);
        }
    }

    private void Write(StoreCollection collection)
    {
        WriteVerbose($"{collection}; journal: {collection.Journal}");
        if (!PassThru)
        {
            WriteObject(collection);
        }
    }
}
