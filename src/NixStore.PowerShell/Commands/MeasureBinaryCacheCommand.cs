using System.Management.Automation;
using NixStore.Catalog.Querying;

namespace NixStore.PowerShell.Commands;

/// <summary>Measure-BinaryCache: how many paths and bytes there are in a catalog, as a whole or by groups.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "BinaryCache")]
[OutputType(typeof(BinaryCacheMeasure))]
public sealed class MeasureBinaryCacheCommand : EngineCommand
{
    /// <inheritdoc/>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Engine")]
    [ValidateNotNullOrEmpty]
    public override string Catalog { get; set; } = "";

    /// <summary>By what to make groups. Several give all groups of each.</summary>
    [Parameter]
    public BinaryCacheGrouping[] GroupBy { get; set; } = [BinaryCacheGrouping.None];

    /// <summary>What storage and requests cost: a JSON file, or Default for the list prices of AWS that come with the module. Without it, costs are left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? PriceList { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var prices = ReadPriceList(PriceList);
        var catalog = OpenAnyCatalog(PipelineStopToken);
        using var progress = NewProgress("Measuring the binary cache");
        var options = new MeasureOptions { Prices = prices, GraphProgress = GraphProgress.Of(catalog, progress) };
        Answer(stop => GroupBy.SelectMany(by => catalog.Measure(by, options, stop)), Write, progress);
    }

    // The name chooses the view with costs.
    private void Write(BinaryCacheMeasure measure)
    {
        var item = new PSObject(measure);
        if (measure.Currency is not null)
        {
            item.TypeNames.Insert(0, $"{typeof(BinaryCacheMeasure).FullName}#Cost");
        }

        WriteObject(item);
    }
}
