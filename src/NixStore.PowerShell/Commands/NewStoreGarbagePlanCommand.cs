using System.Management.Automation;
using NixStore.Engine.Planning;
using NixStore.Engine.Stores;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>New-StoreGarbagePlan: chooses what to collect by a policy, and changes nothing.</summary>
[Cmdlet(VerbsCommon.New, "StoreGarbagePlan")]
[OutputType(typeof(StoreGarbagePlan))]
public sealed class NewStoreGarbagePlanCommand : StoreCommand
{
    private readonly Dictionary<string, (StoreLocation Store, HashSet<string> Links)> _stores = new(StringComparer.Ordinal);
    private DateTimeOffset _now;

    /// <summary>Only paths that match one of these.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [StorePathText]
    [ArgumentCompleter(typeof(StorePathCompleter))]
    public string[]? Path { get; set; }

    /// <summary>Not paths that match one of these.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [StorePathText]
    [ArgumentCompleter(typeof(StorePathCompleter))]
    public string[]? Exclude { get; set; }

    /// <summary>Only garbage of these kinds.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public StoreGarbageKind[]? Kind { get; set; }

    /// <summary>Only what was registered longer ago.</summary>
    [Parameter]
    [StoreAge]
    public StoreAge? RegisteredBefore { get; set; }

    /// <summary>Only what was not read for so long.</summary>
    [Parameter]
    [StoreAge]
    public StoreAge? UnusedFor { get; set; }

    /// <summary>Stop as soon as so many bytes are freed.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? MaxFreed { get; set; }

    /// <summary>Stop as soon as so many bytes of the file system are free.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? EnsureFree { get; set; }

    /// <summary>Stop as soon as so many percent of the file system are free.</summary>
    [Parameter]
    [ValidateRange(0.0, 100.0)]
    public double? EnsureFreePercent { get; set; }

    /// <summary>No more things than this.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? MaxPaths { get; set; }

    /// <summary>What goes first, where not all goes.</summary>
    [Parameter]
    public StoreGarbageOrder Order { get; set; }

    /// <summary>A path that is alive keeps the derivation it was built from. Default: keep-derivations of nix.conf.</summary>
    [Parameter]
    public SwitchParameter KeepDerivations { get; set; }

    /// <summary>A derivation that is alive keeps its outputs. Default: keep-outputs of nix.conf.</summary>
    [Parameter]
    public SwitchParameter KeepOutputs { get; set; }

    /// <summary>Roots that are taken for removed already: their links, or roots and generations themselves.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [RootLink]
    [ArgumentCompleter(typeof(StoreRootCompleter))]
    public string[]? AssumeRemoved { get; set; }

    /// <summary>How many things are looked into at once. Default: one for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    protected override void Begin() => _now = DateTimeOffset.UtcNow;

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        _stores.TryAdd(store.Url, (store, new HashSet<string>(StringComparer.Ordinal)));
        _stores[store.Url].Links.UnionWith(
            Array.ConvertAll(AssumeRemoved ?? [], link => SessionState.Path.GetUnresolvedProviderPathFromPSPath(link)));
    }

    /// <inheritdoc/>
    protected override void End()
    {
        foreach (var (store, links) in _stores.Values)
        {
            Try(() => Plan(store, links));
        }
    }

    private void Plan(StoreLocation store, HashSet<string> links)
    {
        var options = SurveyOptions.Of(MyInvocation, links);
        var (include, exclude) = (NewFilter(store, Path), NewFilter(store, Exclude));
        var policy = NewPolicy(options);
        var survey = options.Survey(store, WriteWarning, PipelineStopToken);
        long looked = 0;
        using var progress = NewProgress("Looking into garbage");
        progress.Follow(() => ($"{Interlocked.Read(ref looked)} of {survey.Garbage.Items.Count} things", Interlocked.Read(ref looked), survey.Garbage.Items.Count));
        Pump<StoreGarbagePlan>(
            (emit, stop) => emit(GarbagePlanner.Plan(
                survey, policy, path => include?.IsMatch(path) != false && exclude?.IsMatch(path) != true, ThrottleLimit,
                () => Interlocked.Increment(ref looked), stop)),
            WriteObject, progress);
    }

    private static PathFilter? NewFilter(StoreLocation store, string[]? patterns)
        => patterns is null ? null : new PathFilter(store, Array.ConvertAll(patterns, text => StorePathPattern.Parse(text, store)));

    private StoreGarbagePolicy NewPolicy(SurveyOptions options) => new()
    {
        Kinds = Kind ?? StoreGarbagePolicy.DefaultKinds,
        RegisteredBefore = RegisteredBefore?.CutOff(_now),
        UnusedSince = UnusedFor?.CutOff(_now),
        MaxFreed = MaxFreed,
        EnsureFree = EnsureFree,
        EnsureFreePercent = EnsureFreePercent,
        MaxPaths = MaxPaths,
        Order = Order,
        KeepDerivations = options.Settings.KeepDerivations,
        KeepOutputs = options.Settings.KeepOutputs,
        Include = Path ?? [],
        Exclude = Exclude ?? [],
        AssumeRemoved = [.. options.AssumeRemoved.Order(StringComparer.Ordinal)],
    };
}
