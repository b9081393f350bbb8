using System.Diagnostics;
using System.Management.Automation;
using NixStore.Caches.BinaryCaches;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Storage;

namespace NixStore.PowerShell.Commands;

/// <summary>Import-BinaryCacheInventory: what is in a bucket, from reports of S3 Inventory or by listing it, into a catalog.</summary>
[Cmdlet(VerbsData.Import, "BinaryCacheInventory", DefaultParameterSetName = ReportSet, SupportsShouldProcess = true)]
[OutputType(typeof(BinaryCacheInventory))]
public sealed class ImportBinaryCacheInventoryCommand : CatalogCommand
{
    private const string ReportSet = "Report";
    private const string ListingSet = "Listing";

    /// <summary>A manifest.json, a folder with reports, or either in a bucket (s3://).</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ReportSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The address of the cache: without -Path it is listed, with -Path it is only noted.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ListingSet)]
    [Parameter(ParameterSetName = ReportSet)]
    [ValidateNotNullOrEmpty]
    public string? Cache { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        if (ParameterSetName == ListingSet)
        {
            List(Cache!);
            return;
        }

        foreach (var path in Path)
        {
            Try(() => ImportReports(ToFullPath(path)));
        }
    }

    private void ImportReports(string place)
    {
        foreach (var import in InventoryImport.Find(place, PipelineStopToken))
        {
            if (!ShouldProcess(CatalogDirectory, $"Import the inventory '{import.Source}' of {import.Manifest.Created:u}"))
            {
                continue;
            }

            using var writer = CatalogWriter.Open(CatalogDirectory, new CatalogManifest { Cache = Cache });
            var files = import.Manifest.Files.Count;
            Run(writer, progress => progress.Follow(() => ($"{import.FilesDone} of {files} files, {import.RowsDone:N0} objects", import.FilesDone, files)),
                stop => import.Run(writer, stop), $"The inventory '{import.Source}' is in the catalog already, or a newer one is.");
        }
    }

    private void List(string address)
    {
        if (!ShouldProcess(CatalogDirectory, $"List '{address}'"))
        {
            return;
        }

        using var cache = BinaryCacheFactory.Open(address, null, PipelineStopToken);
        using var writer = CatalogWriter.Open(CatalogDirectory, new CatalogManifest { Cache = cache.Address, StoreDirectory = cache.StoreDirectory.Path });
        var listing = new ListingImport(cache);
        Run(writer, progress => progress.Follow(() => ($"{listing.RowsDone:N0} objects", listing.RowsDone, null)), stop => listing.Run(writer, stop), "");
    }

    private void Run(CatalogWriter writer, Action<ProgressDisplay> follow, Func<CancellationToken, CatalogImport?> work, string nothing)
    {
        var watch = Stopwatch.StartNew();
        using var progress = NewProgress("Importing an inventory");
        follow(progress);
        CatalogImport? done = null;
        Pump<CatalogImport>((_, stop) => done = work(stop), _ => { }, progress);
        if (done is null)
        {
            WriteVerbose(nothing);
            return;
        }

        WriteObject(new BinaryCacheInventory
        {
            Catalog = writer.Directory,
            Cache = writer.Manifest.Cache,
            Source = done.Source,
            Created = done.Created,
            ObjectCount = writer.Manifest[CatalogTable.Objects].Rows,
            AddedCount = done.Difference?.Added,
            ChangedCount = done.Difference?.Changed,
            RemovedCount = done.Difference?.Removed,
            Duration = watch.Elapsed,
        });
    }
}
