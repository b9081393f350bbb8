using System.Management.Automation;
using NixStore.Engine.Collection;
using NixStore.Engine.Liveness;
using NixStore.Engine.Planning;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.PowerShell.Commands;

/// <summary>Remove-StorePath: deletes single paths that no root needs, or puts them into the trash.</summary>
[Cmdlet(VerbsCommon.Remove, "StorePath", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(StoreCollectionItem))]
public sealed class RemoveStorePathCommand : StorePathCommand
{
    // What is named is protected by roots alone, as with nix-store --delete.
    private static readonly LivenessSettings s_settings = new(KeepDerivations: false, KeepOutputs: false);

    private readonly Dictionary<string, (StoreLocation Store, List<string> Paths, List<StorePathPattern> Wildcards)> _gathered = new(StringComparer.Ordinal);

    /// <summary>Also remove what refers to the paths.</summary>
    [Parameter]
    public SwitchParameter IncludeReferrers { get; set; }

    /// <summary>Put the paths into the trash instead of deleting them.</summary>
    [Parameter]
    public SwitchParameter Trash { get; set; }

    /// <summary>How many paths are removed at once. Default: one for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <summary>How long to wait for another collection: a time span, or seconds. Default: as long as it takes.</summary>
    [Parameter]
    [Timeout]
    public TimeSpan? Timeout { get; set; }

    /// <summary>Give an object for each path.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var database = OpenDatabase();
        var store = database.Store;
        if (!_gathered.TryGetValue(store.Url, out var gathered))
        {
            _gathered.Add(store.Url, gathered = (store, [], []));
        }

        foreach (var pattern in ReadPatterns(database))
        {
            if (pattern.IsWildcard)
            {
                gathered.Wildcards.Add(pattern);
                continue;
            }

            Try(() => gathered.Paths.Add(PathFilter.Resolve(store, pattern.Text)));
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        foreach (var (store, paths, wildcards) in _gathered.Values)
        {
            Try(() => Remove(store, paths, wildcards));
        }
    }

    private static NamedGarbage NewChooser(StoreSurvey survey)
    {
        var reasons = new Lazy<LifeReasons>(() => new LifeReasons(survey, OwnProcesses.Find()));
        return new NamedGarbage(survey, node => reasons.Value.Of(node));
    }

    /// <summary>The garbage that matches; of what is alive, a pattern means nothing, and a warning says so.</summary>
    private IReadOnlyList<string> Expand(StoreSurvey survey, StorePathPattern wildcard)
    {
        var dead = survey.Garbage.Items.Select(item => item.Path).Where(wildcard.IsMatch).ToList();
        var alive = Enumerable.Range(0, survey.Graph.Count).Where(survey.Live.Contains).Select(survey.Graph.PathOf).Where(wildcard.IsMatch).ToList();
        if (dead.Count > 0 && alive.Count > 0)
        {
            WriteWarning($"{alive.Count} of {alive.Count + dead.Count} paths that match '{wildcard.Text}' are alive and stay. Trace-StorePath says why.");
        }

        return dead.Count > 0 ? dead
            : alive.Count > 0 ? throw new NixStoreException("PathAlive", StoreErrorKind.Busy,
                $"All {alive.Count} paths that match '{wildcard.Text}' are alive.", wildcard.Text, "Trace-StorePath says why.")
            : throw new StorePathNotFoundException(wildcard.Text, survey.Graph.Store);
    }

    /// <summary>Asks before the lock is taken: nobody else can collect or add roots without delay while it is held.</summary>
    private void Remove(StoreLocation store, List<string> paths, List<StorePathPattern> wildcards)
    {
        var survey = new SurveyOptions(s_settings.KeepDerivations, s_settings.KeepOutputs, []).Survey(store, WriteWarning, PipelineStopToken);
        foreach (var wildcard in wildcards)
        {
            Try(() => paths.AddRange(Expand(survey, wildcard)));
        }

        var chosen = NewChooser(survey).Choose(paths, IncludeReferrers, error => WriteError(error));
        var approved = chosen.Select(item => item.Path).Where(path => ShouldProcess(path, Trash ? "Put into the trash" : "Delete")).ToList();
        if (approved.Count > 0)
        {
            Collect(store, approved);
        }
    }

    private void Collect(StoreLocation store, IReadOnlyList<string> paths)
    {
        var status = new CollectionStatus();
        using var progress = NewProgress("Removing store paths");
        progress.Follow(status.Ask);
        Pump(
            (emit, stop) =>
            {
                var tell = CollectionStatus.Patiently(emit);
                var request = new CollectionRequest
                {
                    Settings = s_settings,
                    Trash = Trash,
                    Workers = ThrottleLimit,
                    Timeout = Timeout ?? System.Threading.Timeout.InfiniteTimeSpan,
                    Waiting = status.Wait,
                    Progress = status.Counts,

                    // What has come to refer to them since was not agreed to.
                    Choose = now => NewChooser(now).Choose(paths, includeReferrers: false, error => tell(() => WriteError(error))),
                    Done = item => tell(() => Write(item)),
                    Failed = error => tell(() => WriteError(error)),
                    Warned = warning => tell(() => WriteWarning(warning.Message)),
                };
                var collection = Collector.Collect(store, request, stop);
                tell(() => WriteVerbose($"{collection}; journal: {collection.Journal}"));
            },
            progress);
    }

    private void Write(StoreCollectionItem item)
    {
        WriteVerbose(item.Reason is null ? $"{item}" : $"{item}: {item.Reason}");
        if (item.Outcome == CollectionOutcome.InUse)
        {
            WriteError(new NixStoreException("PathInUse", StoreErrorKind.Busy, $"'{item.Path}' stays: {item.Reason}.", item.Path));
        }

        if (PassThru)
        {
            WriteObject(item);
        }
    }
}
