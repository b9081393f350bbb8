using System.Management.Automation;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Storage;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Add-BinaryCacheRoot: what is to stay in a binary cache, with all that it refers to.</summary>
[Cmdlet(VerbsCommon.Add, "BinaryCacheRoot", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(BinaryCacheRoot))]
public sealed class AddBinaryCacheRootCommand : HydraCommand
{
    private const string PathSet = "Path";
    private const string StorePathListSet = "StorePathList";
    private const string FallbackPathsSet = "FallbackPaths";
    private const string JobsetSet = "HydraJobset";
    private const string BuildSet = "HydraBuild";
    private const string KeptSet = "HydraKept";
    private const string AgeSet = "Age";

    private readonly Dictionary<string, List<string>> _paths = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;

    /// <summary>Store paths.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [PlainText]
    public string[] Path { get; set; } = [];

    /// <summary>Lists of store paths, one a line: files or addresses, plain, .xz, .gz, .zst or .br; such as the store-paths.xz of a channel.</summary>
    [Parameter(Mandatory = true, ParameterSetName = StorePathListSet)]
    [ValidateNotNullOrEmpty]
    public string[] StorePathList { get; set; } = [];

    /// <summary>Files or addresses of a fallback-paths.nix.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FallbackPathsSet)]
    [Alias("FallbackPaths")]
    [ValidateNotNullOrEmpty]
    public string[] FallbackPath { get; set; } = [];

    /// <summary>Jobsets of Hydra, project:jobset: the latest successful build of each job, and the builds that Hydra is told to keep.</summary>
    [Parameter(Mandatory = true, ParameterSetName = JobsetSet)]
    [ValidateNotNullOrEmpty]
    public string[] HydraJobset { get; set; } = [];

    /// <summary>Numbers of builds of Hydra.</summary>
    [Parameter(Mandatory = true, ParameterSetName = BuildSet)]
    [ValidateRange(1, long.MaxValue)]
    public long[] HydraBuild { get; set; } = [];

    /// <summary>All builds that Hydra is told to keep.</summary>
    [Parameter(Mandatory = true, ParameterSetName = KeptSet)]
    public SwitchParameter HydraKept { get; set; }

    /// <summary>A rule: every narinfo that is not older than this, whenever the roots are used.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AgeSet)]
    [Alias("Newer")]
    [Duration]
    public TimeSpan MaximumAge { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = JobsetSet)]
    [Parameter(ParameterSetName = BuildSet)]
    [Parameter(ParameterSetName = KeptSet)]
    [ValidateNotNullOrEmpty]
    public override string? Database { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = JobsetSet)]
    [Parameter(ParameterSetName = BuildSet)]
    [Parameter(ParameterSetName = KeptSet)]
    [Credential]
    public override PSCredential? Credential { get; set; }

    /// <summary>What the roots are known by: adding the same origin again replaces them. Default: the path, address, jobset, build or rule itself.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BinaryCacheRootOriginCompleter))]
    public string? Origin { get; set; }

    /// <summary>The moment at which they cease to be roots.</summary>
    [Parameter]
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>How long they are roots, from now.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? ExpiresAfter { get; set; }

    /// <summary>Gives the roots that were added.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private DateTimeOffset? Expiry => ExpiresAfter is { } after ? _now + after : ExpiresAt;

    private bool IsOne => Path.Length + StorePathList.Length + FallbackPath.Length + HydraJobset.Length + HydraBuild.Length <= 1;

    /// <inheritdoc/>
    protected override void Begin()
    {
        if (ExpiresAt is not null && ExpiresAfter is not null)
        {
            throw new NixStoreException("InvalidExpiry", StoreErrorKind.InvalidArgument, "-ExpiresAt and -ExpiresAfter are given both.", null, "Give one of them.");
        }

        if (ExpiresAfter > DateTimeOffset.MaxValue - _now || Expiry <= _now)
        {
            throw new NixStoreException("InvalidExpiry", StoreErrorKind.InvalidArgument, "Roots cannot expire in the past, nor after the end of the calendar.", null,
                "Give a moment to come, or a duration such as 30d.");
        }

        if (Origin is not null && ParameterSetName != PathSet && !IsOne)
        {
            throw new NixStoreException("OriginAmbiguous", StoreErrorKind.InvalidArgument, $"One origin, '{Origin}', cannot be that of several lists: each would replace the one before.", Origin,
                "Add them one by one under names of their own, or leave -Origin away.");
        }
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        if (ParameterSetName == PathSet)
        {
            _paths.Of(CatalogDirectory, _ => []).AddRange(Path);
            return;
        }

        var catalog = OpenCatalog();
        foreach (var (origin, read) in Sources(new StoreDirectory(catalog.Manifest.StoreDirectory)))
        {
            Try(() =>
            {
                // Asked first: what is not wanted is not fetched.
                if (ShouldProcess(Origin ?? origin(), $"Add to the roots of '{catalog}'"))
                {
                    Add(catalog, stop => [read(stop).As(Origin)]);
                }
            });
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        foreach (var (directory, paths) in _paths)
        {
            Try(() => AddPaths(CacheCatalog.Open(directory), paths));
        }
    }

    private IEnumerable<(Func<string> Origin, Func<CancellationToken, RootList> Read)> Sources(StoreDirectory directory)
    {
        switch (ParameterSetName)
        {
            case StorePathListSet:
                return StorePathList.Select(ToFullPath).Select(list => (Origin(() => RootDocument.NameOf(list)), Read(stop => StorePathListRoots.Read(list, directory, stop))));
            case FallbackPathsSet:
                return FallbackPath.Select(ToFullPath).Select(list => (Origin(() => RootDocument.NameOf(list)), Read(stop => FallbackPathsRoots.Read(list, directory, stop))));
            case AgeSet:
                var rule = AgeRoots.From(MaximumAge);
                return [(() => rule.Origin, _ => rule)];
            default:
                var hydra = new HydraRoots(FindDatabase(), directory);
                return [
                    .. HydraJobset.Select(jobset => (Origin(() => jobset), Read(stop => hydra.FromJobset(jobset, stop)))),
                    .. HydraBuild.Select(build => (Origin(() => HydraRoots.OriginOf(build)), Read(stop => hydra.FromBuild(build, stop)))),
                    .. HydraKept ? [(Origin(() => HydraRoots.KeptOrigin), Read(hydra.FromKeptBuilds))] : Array.Empty<(Func<string>, Func<CancellationToken, RootList>)>(),
                ];
        }

        static Func<string> Origin(Func<string> origin) => origin;
        static Func<CancellationToken, RootList> Read(Func<CancellationToken, RootList> read) => read;
    }

    private void AddPaths(CacheCatalog catalog, List<string> texts)
    {
        var directory = new StoreDirectory(catalog.Manifest.StoreDirectory);
        var paths = new List<StorePath>();
        texts.ForEach(text => Try(() => paths.Add(StorePathRoots.Parse(text, directory))));
        if (paths.Count > 0)
        {
            var lists = StorePathRoots.From(paths, directory, Origin, Expiry is not null).Where(list => ShouldProcess(list.Origin, $"Add to the roots of '{catalog}'")).ToList();
            Add(catalog, _ => lists);
        }
    }

    private void Add(CacheCatalog catalog, Func<CancellationToken, IReadOnlyList<RootList>> read)
    {
        using var progress = NewProgress("Adding roots");
        Pump(
            (emit, stop) =>
            {
                var lists = read(stop);
                if (lists.Count == 0)
                {
                    return;
                }

                using (var writer = CatalogWriter.Open(catalog.Directory))
                {
                    RootTable.Add(writer, lists, _now, Expiry, stop);
                }

                if (PassThru)
                {
                    var filter = new RootFilter { ExactOrigins = [.. lists.Select(list => list.Origin)] };
                    foreach (var root in RootSearch.Find(CacheCatalog.Open(catalog.Directory), filter, _now, stop))
                    {
                        emit(() => WriteObject(root));
                    }
                }
            },
            progress);
    }
}
