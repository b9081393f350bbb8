using System.Management.Automation;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Storage;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Find-BinaryCachePath: narinfos of a catalog by name, version, system, size, time or any condition.</summary>
[Cmdlet(VerbsCommon.Find, "BinaryCachePath", DefaultParameterSetName = AllSet)]
[OutputType(typeof(BinaryCacheCatalogPath))]
public sealed class FindBinaryCachePathCommand : EngineCommand
{
    private const string AllSet = "All";
    private const string ReachableSet = "Reachable";
    private const string UnreachableSet = "Unreachable";

    private readonly Dictionary<string, (ICatalog Catalog, IRootReachability? Reachability)> _catalogs = new(StringComparer.Ordinal);

    /// <summary>Wildcards for the whole name after the hash. Upper and lower case differ, as in the store.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Wildcards for the package's name: what is in front of the version, split as Nix does.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] PackageName { get; set; } = [];

    /// <summary>Wildcards for the version, split off as Nix does.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Version { get; set; } = [];

    /// <summary>Wildcards for the system.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SystemCompleter))]
    public string[] System { get; set; } = [];

    /// <summary>Hash parts of 32 characters.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidatePattern("^[0-9abcdfghijklmnpqrsvwxyz]{32}$")]
    public string[] HashPart { get; set; } = [];

    /// <summary>Bytes that the NAR file has at least; the NAR, where nobody says how large the file is.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? MinimumSize { get; set; }

    /// <summary>Bytes that it has at most.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? MaximumSize { get; set; }

    /// <summary>Only narinfos written before this moment, or older than this.</summary>
    [Parameter]
    [StoreAge]
    public StoreAge? Before { get; set; }

    /// <summary>Only narinfos written at this moment or later, or not older than this.</summary>
    [Parameter]
    [StoreAge]
    public StoreAge? After { get; set; }

    /// <summary>Only fixed outputs: sources and other downloads, whose hash is known in advance.</summary>
    [Parameter]
    public SwitchParameter FixedOutput { get; set; }

    /// <summary>Only narinfos that the catalog's roots lead to by references; each says in how many steps.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ReachableSet)]
    public SwitchParameter Reachable { get; set; }

    /// <summary>Only narinfos that none of the catalog's roots leads to.</summary>
    [Parameter(Mandatory = true, ParameterSetName = UnreachableSet)]
    public SwitchParameter Unreachable { get; set; }

    /// <summary>Only narinfos that Hydra's buildstepoutputs does not know.</summary>
    [Parameter]
    public SwitchParameter Orphan { get; set; }

    /// <summary>A condition in SQL over the columns of the table narinfos, for the rest.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Sql { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var now = DateTimeOffset.UtcNow;
        var filter = new NarInfoFilter
        {
            Names = Name,
            PackageNames = PackageName,
            Versions = Version,
            Systems = System,
            HashParts = HashPart,
            MinimumSize = MinimumSize,
            MaximumSize = MaximumSize,
            Before = Before?.CutOff(now),
            After = After?.CutOff(now),
            FixedOutput = FixedOutput,
            IsReachable = ParameterSetName switch { ReachableSet => true, UnreachableSet => false, _ => null },
            IsOrphan = Orphan,
            Sql = Sql,
        };
        var directory = CatalogDirectory;
        using var progress = NewProgress("Finding paths of the binary cache");
        Answer(
            stop =>
            {
                var (catalog, reachability) = _catalogs.Of(directory, _ => Open(directory, now, progress, stop));
                return catalog.Find(filter with { Reachability = reachability }, stop);
            },
            WriteObject, progress);
    }

    /// <summary>Once for all records of the pipeline: a walk through a large cache takes a while.</summary>
    private (ICatalog Catalog, IRootReachability? Reachability) Open(string directory, DateTimeOffset now, ProgressDisplay progress, CancellationToken cancellation)
    {
        var catalog = OpenAny(directory, Credential, cancellation);
        return (catalog, ParameterSetName == AllSet ? null : Keep(catalog.Reach(now, GraphProgress.Of(catalog, progress), cancellation)));
    }
}
