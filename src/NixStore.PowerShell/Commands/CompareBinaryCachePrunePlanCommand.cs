using System.Management.Automation;
using NixStore.Catalog.Pruning.Plans;

namespace NixStore.PowerShell.Commands;

/// <summary>Compare-BinaryCachePrunePlan: what differs between two plans, or what a newer catalog says of a plan's paths.</summary>
[Cmdlet(VerbsData.Compare, "BinaryCachePrunePlan", DefaultParameterSetName = PlanSet)]
[OutputType(typeof(BinaryCachePrunePlanDifference))]
public sealed class CompareBinaryCachePrunePlanCommand : CatalogCommand
{
    private const string PlanSet = "Plan";
    private const string CatalogSet = "Catalog";

    /// <summary>The plan, or its folder; of two, the earlier one.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [PrunePlanFolder]
    public string ReferencePlan { get; set; } = "";

    /// <summary>The later plan, or its folder.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = PlanSet)]
    [ValidateNotNullOrEmpty]
    [PrunePlanFolder]
    public string DifferencePlan { get; set; } = "";

    /// <summary>The folder of a newer catalog of the same cache.</summary>
    [Parameter(Mandatory = true, ParameterSetName = CatalogSet)]
    [ValidateNotNullOrEmpty]
    public override string Catalog { get; set; } = "";

    /// <inheritdoc/>
    protected override void Process()
    {
        var plan = PrunePlan.Open(ToFullPath(ReferencePlan));
        using var progress = NewProgress("Comparing plans");
        Pump<BinaryCachePrunePlanDifference>(
            (emit, stop) =>
            {
                foreach (var difference in ParameterSetName == PlanSet ? PrunePlanComparison.Compare(plan, PrunePlan.Open(ToFullPath(DifferencePlan)), stop) : OfCatalog(plan, progress, stop))
                {
                    emit(difference);
                }
            },
            WriteObject, progress);
    }

    private IEnumerable<BinaryCachePrunePlanDifference> OfCatalog(PrunePlan plan, ProgressDisplay progress, CancellationToken stop)
    {
        var catalog = OpenCatalog();
        return PrunePlanComparison.Compare(plan, catalog, DateTimeOffset.UtcNow, GraphProgress.Of(catalog, progress), stop);
    }
}
