using System.Management.Automation;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Storage;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Remove-BinaryCacheRoot: what need not stay in a binary cache any longer.</summary>
[Cmdlet(VerbsCommon.Remove, "BinaryCacheRoot", DefaultParameterSetName = OriginSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(BinaryCacheRoot))]
public sealed class RemoveBinaryCacheRootCommand : CatalogCommand
{
    private const string OriginSet = "Origin";
    private const string InputObjectSet = "InputObject";
    private const string HashPartSet = "HashPart";
    private const string PathSet = "Path";
    private const string ExpiredSet = "Expired";

    private readonly Dictionary<string, List<BinaryCacheRoot>> _roots = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;

    /// <summary>Roots of Get-BinaryCacheRoot.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InputObjectSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public BinaryCacheRoot[] InputObject { get; set; } = [];

    /// <summary>Wildcards for the origin: all roots that it has brought. Upper and lower case differ.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = OriginSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BinaryCacheRootOriginCompleter))]
    public string[] Origin { get; set; } = [];

    /// <summary>Hash parts of 32 characters, of whatever origin.</summary>
    [Parameter(Mandatory = true, ParameterSetName = HashPartSet)]
    [ValidatePattern("^[0-9abcdfghijklmnpqrsvwxyz]{32}$")]
    public string[] HashPart { get; set; } = [];

    /// <summary>Store paths, of whatever origin.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>All roots that have expired.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ExpiredSet)]
    public SwitchParameter Expired { get; set; }

    /// <summary>Gives the roots that were removed.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var found = _roots.Of(CatalogDirectory, _ => []);
        if (ParameterSetName == InputObjectSet)
        {
            found.AddRange(InputObject);
            return;
        }

        var catalog = OpenCatalog();
        var directory = new StoreDirectory(catalog.Manifest.StoreDirectory);
        IEnumerable<(string? Asked, Func<RootFilter> Filter)> questions = ParameterSetName switch
        {
            HashPartSet => HashPart.Select(hash => ((string?)hash, (Func<RootFilter>)(() => new RootFilter { HashParts = [hash] }))),
            PathSet => Path.Select(path => ((string?)path, (Func<RootFilter>)(() => new RootFilter { HashParts = [StorePathRoots.Parse(path, directory).HashPart] }))),
            ExpiredSet => [(null, () => new RootFilter { IsExpired = true })],
            _ => Origin.Select(origin => (WildcardPattern.ContainsWildcardCharacters(origin) ? null : origin, (Func<RootFilter>)(() => new RootFilter { Origins = [origin] }))),
        };
        foreach (var (asked, filter) in questions)
        {
            Try(() => found.AddRange(Find(catalog, filter(), asked)));
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        foreach (var (directory, roots) in _roots)
        {
            Try(() => Remove(directory, Wanted(roots)));
        }
    }

    private List<BinaryCacheRoot> Find(CacheCatalog catalog, RootFilter filter, string? asked)
    {
        List<BinaryCacheRoot> found = [.. RootSearch.Find(catalog, filter, _now, PipelineStopToken)];
        return found.Count > 0 || asked is null ? found : throw new NixStoreException("RootNotFound", StoreErrorKind.NotFound, $"The catalog '{catalog}' has no root '{asked}'.", asked,
            "Get-BinaryCacheRoot -Summary shows the origins that there are.");
    }

    /// <summary>Asks for each root, or for each origin when whole origins are meant.</summary>
    private List<BinaryCacheRoot> Wanted(List<BinaryCacheRoot> roots)
    {
        var distinct = roots.DistinctBy(root => (root.Origin, root.HashPart));
        return ParameterSetName is OriginSet or ExpiredSet
            ? [.. distinct.GroupBy(root => root.Origin, StringComparer.Ordinal).Where(origin => ShouldProcess(origin.Key, $"Remove its roots ({origin.Count():N0})")).SelectMany(origin => origin)]
            : [.. distinct.Where(root => ShouldProcess(root.ToString(), $"Remove the root of '{root.Origin}'"))];
    }

    private void Remove(string directory, List<BinaryCacheRoot> roots)
    {
        if (roots.Count == 0)
        {
            return;
        }

        using (var writer = CatalogWriter.Open(directory))
        {
            RootTable.Remove(writer, roots, PipelineStopToken);
        }

        if (PassThru)
        {
            WriteObject(roots, enumerateCollection: true);
        }
    }
}
