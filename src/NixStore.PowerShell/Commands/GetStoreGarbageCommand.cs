using System.Management.Automation;
using NixStore.Engine.Database;
using NixStore.Engine.Liveness;
using NixStore.Engine.Planning;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-StoreGarbage: what of a store nothing needs, and what comes free without it.</summary>
[Cmdlet(VerbsCommon.Get, "StoreGarbage", DefaultParameterSetName = PathSet)]
[OutputType(typeof(StoreGarbage))]
public sealed class GetStoreGarbageCommand : StorePathCommand
{
    private readonly Dictionary<StoreDatabase, StoreSurvey> _surveys = [];

    /// <inheritdoc/>
    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [StorePathText]
    [ArgumentCompleter(typeof(StorePathCompleter))]
    public override string[]? Path { get; set; }

    /// <summary>Only garbage of these kinds.</summary>
    [Parameter]
    public StoreGarbageKind[]? Kind { get; set; }

    /// <summary>Do not look into the files: no sizes, no times of use.</summary>
    [Parameter]
    public SwitchParameter SkipSize { get; set; }

    /// <summary>A path that is alive keeps the derivation it was built from. Default: keep-derivations of nix.conf.</summary>
    [Parameter]
    public SwitchParameter KeepDerivations { get; set; }

    /// <summary>A derivation that is alive keeps its outputs. Default: keep-outputs of nix.conf.</summary>
    [Parameter]
    public SwitchParameter KeepOutputs { get; set; }

    /// <summary>Roots that are taken for removed already: their links, or roots and generations themselves.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [RootLink]
    [ArgumentCompleter(typeof(StoreRootCompleter))]
    public string[]? AssumeRemoved { get; set; }

    /// <summary>How many things are looked into at once. Default: one for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    protected override void Process()
    {
        var database = OpenDatabase();
        var patterns = ReadPatterns(database);
        var filter = patterns.Count == 0 ? null : new PathFilter(database.Store, patterns);
        var survey = _surveys.Of(database, Look);
        long looked = 0;
        using var progress = NewProgress("Looking into garbage");
        progress.Follow(() => ($"{Interlocked.Read(ref looked)} things", Interlocked.Read(ref looked), null));
        Pump<StoreGarbage>(
            (emit, stop) =>
            {
                var withLinks = Kind?.Contains(StoreGarbageKind.UnusedLink) ?? !SkipSize;
                foreach (var item in GarbagePlanner.Find(
                    survey, item => IsWanted(item, filter), !SkipSize, withLinks, ThrottleLimit, () => Interlocked.Increment(ref looked), stop))
                {
                    emit(item.ToObject());
                }
            },
            WriteObject, progress);
    }

    private bool IsWanted(GarbageItem item, PathFilter? filter)
        => (Kind is null || Kind.Contains(item.Kind)) && (filter is null || filter.IsMatch(item.Path));

    private StoreSurvey Look(StoreDatabase database) => SurveyOptions.Of(
        MyInvocation, Array.ConvertAll(AssumeRemoved ?? [], link => SessionState.Path.GetUnresolvedProviderPathFromPSPath(link))).Survey(database, WriteWarning, PipelineStopToken);
}
