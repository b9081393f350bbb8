using System.Diagnostics;
using System.Management.Automation;
using NixStore.Catalog.Hydra;
using NixStore.Catalog.Storage;

namespace NixStore.PowerShell.Commands;

/// <summary>Export-HydraReference: references and NAR URLs of a catalog's narinfos into tables of their own in Hydra's database.</summary>
[Cmdlet(VerbsData.Export, "HydraReference", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(HydraReferenceExport))]
public sealed class ExportHydraReferenceCommand : HydraCommand
{
    /// <inheritdoc/>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public override string? Database { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [Credential]
    public override PSCredential? Credential { get; set; }

    /// <summary>Narinfos a transaction.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int BatchSize { get; set; } = 50_000;

    /// <inheritdoc/>
    protected override void Process()
    {
        var catalog = OpenCatalog();
        var database = FindDatabase();
        if (!ShouldProcess(database.Name, $"Write the references of '{catalog.Directory}' into the schema nixstore"))
        {
            return;
        }

        var watch = Stopwatch.StartNew();
        var export = new HydraExport(catalog, database) { BatchSize = BatchSize };
        var total = catalog.Manifest[CatalogTable.NarInfos].Rows;
        using var progress = NewProgress("Exporting references to Hydra");
        progress.Follow(() => ($"{export.RowsDone:N0} of {total:N0} narinfos", export.RowsDone, total));
        HydraExportResult? done = null;
        Pump<HydraExportResult>((_, stop) => done = export.Run(stop), _ => { }, progress);
        WriteObject(new HydraReferenceExport
        {
            Catalog = catalog.Directory,
            Database = database.Name,
            AddedCount = done!.Added,
            ChangedCount = done.Changed,
            RemovedCount = done.Removed,
            Duration = watch.Elapsed,
        });
    }
}
