using System.Management.Automation;
using NixStore.Catalog.Roots;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-BinaryCacheRoot: what is to stay in a binary cache, and where that comes from.</summary>
[Cmdlet(VerbsCommon.Get, "BinaryCacheRoot", DefaultParameterSetName = RootSet)]
[OutputType(typeof(BinaryCacheRoot), ParameterSetName = new[] { RootSet })]
[OutputType(typeof(BinaryCacheRootSummary), ParameterSetName = new[] { SummarySet })]
public sealed class GetBinaryCacheRootCommand : CatalogCommand
{
    private const string RootSet = "Root";
    private const string SummarySet = "Summary";

    /// <summary>Wildcards for the origin. Upper and lower case differ.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BinaryCacheRootOriginCompleter))]
    public string[] Origin { get; set; } = [];

    /// <summary>Kinds.</summary>
    [Parameter]
    public BinaryCacheRootKind[] Kind { get; set; } = [];

    /// <summary>Only roots that have expired.</summary>
    [Parameter]
    public SwitchParameter Expired { get; set; }

    /// <summary>Counts for each origin, in the place of the roots.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SummarySet)]
    public SwitchParameter Summary { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var (catalog, now) = (OpenCatalog(), DateTimeOffset.UtcNow);
        var filter = new RootFilter { Origins = Origin, Kinds = Kind, IsExpired = Expired };
        Pump<object>(
            (emit, stop) =>
            {
                foreach (var item in Summary ? RootSearch.Summarize(catalog, filter, now, stop) : (IEnumerable<object>)RootSearch.Find(catalog, filter, now, stop))
                {
                    emit(item);
                }
            },
            WriteObject);
    }
}
