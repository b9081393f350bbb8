using System.Management.Automation;
using NixStore.Catalog.Pruning.Classes;
using NixStore.Catalog.Pruning.Plans;
using NixStore.PowerShell.Completers;
using NixStore.PowerShell.Errors;

namespace NixStore.PowerShell.Commands;

/// <summary>New-BinaryCachePrunePlan: chooses what is to be removed from a binary cache, and changes nothing in it.</summary>
[Cmdlet(VerbsCommon.New, "BinaryCachePrunePlan", SupportsShouldProcess = true)]
[OutputType(typeof(BinaryCachePrunePlan))]
public sealed class NewBinaryCachePrunePlanCommand : EngineCommand
{
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly HashSet<string> _orphans = new(StringComparer.Ordinal);
    private string? _catalog;
    private string? _shown;
    private bool _hasRecords;
    private bool _hasCandidates;

    /// <summary>The folder of the plan; there is nothing in it yet.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Candidates by their hash parts; objects of Find-BinaryCachePath and Get-BinaryCacheOrphan carry theirs.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    public string? HashPart { get; set; }

    /// <summary>NARs that no narinfo names, by their keys; objects of Get-BinaryCacheOrphan carry theirs.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    public string? Key { get; set; }

    /// <summary>Only what no root leads to.</summary>
    [Parameter]
    public SwitchParameter Unreachable { get; set; }

    /// <summary>Wildcards for the whole name after the hash. Upper and lower case differ, as in the store.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Classes of paths; Get-BinaryCachePruneClass lists them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PruneClassCompleter))]
    public string[] Class { get; set; } = [];

    /// <summary>JSON files with further classes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] ClassPath { get; set; } = [];

    /// <summary>Only what was written before this moment, or is older than this.</summary>
    [Parameter]
    [StoreAge]
    public StoreAge? OlderThan { get; set; }

    /// <summary>Nothing younger goes, neither narinfo nor NAR; 0s = ages are not asked.</summary>
    [Parameter]
    [Duration]
    public TimeSpan MinimumAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Fixed outputs (sources, mostly), which cannot always be fetched again, go as well.</summary>
    [Parameter]
    public SwitchParameter IncludeFixedOutput { get; set; }

    /// <summary>Roots of the catalog stay, and all that they lead to. On unless it is switched off; then the plan and its certificate say so.</summary>
    [Parameter]
    public SwitchParameter KeepRoots { get; set; } = true;

    /// <summary>What a path that stays refers to may go; the plan lists which ones lose what.</summary>
    [Parameter]
    public SwitchParameter AllowDangling { get; set; }

    /// <summary>Narinfos that are listed and could not be had are no reason against a plan, although nobody knows what they refer to.</summary>
    [Parameter]
    public SwitchParameter AllowUnreadable { get; set; }

    /// <summary>What storage costs: a JSON file, or Default for the list prices of AWS that come with the module. Without it, costs are left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? PriceList { get; set; }

    /// <summary>A plan of at least so many bytes needs an approval.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long ApprovalSize { get; set; } = 1L << 40;

    /// <summary>A plan of at least so many paths needs an approval.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long ApprovalCount { get; set; } = 100_000;

    /// <summary>Who makes the plan. Default: user and machine.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Author { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        _hasRecords = true;
        if (Catalog.Length > 0 && _catalog is not null && CatalogShown != _shown)
        {
            ThrowTerminatingError(new NixStoreException("PrunePlanTwoCatalogs", StoreErrorKind.InvalidArgument,
                $"A plan is of one catalog, and there are paths of '{_shown}' and of '{CatalogShown}'.", CatalogShown, "Make a plan of each.").ToErrorRecord());
        }

        (_catalog, _shown) = (CatalogDirectory, CatalogShown);
        if (!string.IsNullOrEmpty(HashPart))
        {
            _hasCandidates = true;
            _paths.Add(HashPart);
        }
        else if (!string.IsNullOrEmpty(Key))
        {
            _hasCandidates = true;
            _orphans.Add(Key);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        // Of a pipeline that gives nothing, nothing goes; all of the catalog is meant only where nobody pipes paths.
        if (!_hasRecords)
        {
            throw new NixStoreException("PrunePlanEmpty", StoreErrorKind.NotFound, "Nothing goes: the pipeline has given no paths.", Path, "Change what is asked for.");
        }

        var prices = ReadPriceList(PriceList);
        var directory = ToFullPath(Path);
        var catalog = OpenAny(_catalog!, Credential, PipelineStopToken);
        if (!ShouldProcess(directory, $"Make a plan to prune '{catalog.Manifest.Cache ?? catalog.Location}'"))
        {
            return;
        }

        var now = DateTimeOffset.UtcNow;
        using var progress = NewProgress("Making a plan");
        var request = new PruneRequest
        {
            HashParts = _hasCandidates ? _paths : null,
            OrphanKeys = _orphans,
            Unreachable = Unreachable,
            Names = Name,
            Classes = Class,
            Before = OlderThan?.CutOff(now),
            MinimumAge = MinimumAge,
            IncludeFixedOutput = IncludeFixedOutput,
            KeepRoots = KeepRoots,
            AllowDangling = AllowDangling,
            AllowUnreadable = AllowUnreadable,
            KnownClasses = PruneClasses.With(ClassPath.Select(ToFullPath)),
            ApprovalSize = ApprovalSize,
            ApprovalPaths = ApprovalCount,
            Prices = prices,
            Moment = now,
            Report = what => progress.Report(what),
            GraphProgress = GraphProgress.Of(catalog, progress),
        };
        Pump<BinaryCachePrunePlan>(
            (emit, stop) => emit(PrunePlanner.Make(catalog, directory, Author is null ? request : request with { Author = Author }, stop).Summary with { Catalog = catalog.Location }),
            WriteObject, progress);
    }
}
