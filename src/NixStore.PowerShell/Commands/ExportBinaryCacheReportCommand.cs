using System.Management.Automation;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Reports;

namespace NixStore.PowerShell.Commands;

/// <summary>Export-BinaryCacheReport: what is in a binary cache as a page with charts and tables, one HTML file that needs nothing else.</summary>
[Cmdlet(VerbsData.Export, "BinaryCacheReport", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportBinaryCacheReportCommand : CatalogCommand
{
    /// <inheritdoc/>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public override string Catalog { get; set; } = "";

    /// <summary>The file.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The heading. Default: one that names the cache.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Title { get; set; }

    /// <summary>Length of the lists of names and paths.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int Top { get; set; } = 50;

    /// <summary>What storage costs: a JSON file, or Default for the list prices of AWS that come with the module. Without it, costs are left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? PriceList { get; set; }

    /// <summary>A plan to prune the cache (New-BinaryCachePrunePlan), or its folder: the report shows what it changes. It is of the catalog as it is.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [PrunePlanFolder]
    public string? Plan { get; set; }

    /// <summary>Replace a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Give the file.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var options = new ReportOptions { Title = Title, Top = Top, Prices = ReadPriceList(PriceList), Plan = Plan is null ? null : PrunePlan.Open(ToFullPath(Plan)).Summary };
        var catalog = OpenCatalog();
        var file = new FileInfo(ToFullPath(Path));
        Check(file);
        if (!ShouldProcess(file.FullName, $"Write a report of '{catalog.Directory}'"))
        {
            return;
        }

        using (var progress = NewProgress("Writing the report"))
        {
            Pump<object>((_, stop) => CacheReport.Write(catalog, file.FullName, options, status => progress.Report(status), stop), _ => { }, progress);
        }

        if (PassThru)
        {
            // As Get-Item gives it: with what its view shows.
            WriteObject(InvokeProvider.Item.Get([file.FullName], force: true, literalPath: true), enumerateCollection: true);
        }
    }

    private void Check(FileInfo file)
    {
        if (Directory.Exists(file.FullName) || file.Directory is not { Exists: true })
        {
            throw new NixStoreException("ReportPathInvalid", StoreErrorKind.InvalidArgument,
                Directory.Exists(file.FullName) ? $"'{file.FullName}' is a directory." : $"The directory of '{file.FullName}' does not exist.", file.FullName,
                "Give the path of a file in a directory that exists, such as ./cache.html.");
        }

        if (file.Exists && !Force)
        {
            throw new NixStoreException("ReportExists", StoreErrorKind.InvalidArgument, $"'{file.FullName}' exists.", file.FullName, "Give another path, or -Force to replace it.");
        }
    }
}
