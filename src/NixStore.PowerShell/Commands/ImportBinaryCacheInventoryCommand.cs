using System.Diagnostics;
using System.Management.Automation;
using NixStore.Caches.BinaryCaches;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Storage;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Import-BinaryCacheInventory: what is in a bucket, from reports of S3 Inventory or by listing it, into a catalog.</summary>
[Cmdlet(VerbsData.Import, "BinaryCacheInventory", DefaultParameterSetName = ListingSet, SupportsShouldProcess = true)]
[OutputType(typeof(BinaryCacheInventory))]
public sealed class ImportBinaryCacheInventoryCommand : EngineCommand
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
    [Alias("Cache")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SourceCompleter))]
    public string? BinaryCache { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        if (ParameterSetName == ListingSet)
        {
            List(ToCacheUrl(BinaryCache!));
            return;
        }

        foreach (var path in Path)
        {
            Try(() => ImportReports(ToFullPath(path)));
        }
    }

    private void ImportReports(string place)
    {
        var (shown, open) = (CatalogShown, WriterOf(new CatalogManifest { Cache = BinaryCache is null ? null : ToCacheUrl(BinaryCache) }));
        foreach (var import in InventoryImport.Find(place, PipelineStopToken))
        {
            if (!ShouldProcess(shown, $"Import the inventory '{import.Source}' of {import.Manifest.Created:u}"))
            {
                continue;
            }

            var files = import.Manifest.Files.Count;
            Run(
                open,
                (writer, stop) => import.Run(writer, stop),
                () => ($"{import.FilesDone} of {files} files, {import.RowsDone:N0} objects", import.FilesDone, files),
                $"The inventory '{import.Source}' is in the catalog already, or a newer one is.");
        }
    }

    private void List(string address)
    {
        if (!ShouldProcess(CatalogShown, $"List '{address}'"))
        {
            return;
        }

        var cache = Keep(BinaryCacheFactory.Open(address, null, PipelineStopToken));
        var listing = new ListingImport(cache);
        Run(
            WriterOf(new CatalogManifest { Cache = cache.Address, StoreDirectory = cache.StoreDirectory.Path }), listing.Run,
            () => ($"{listing.RowsDone:N0} objects", 0, null),
            "");
    }

    /// <summary>The writer belongs to the work, which ends at its own time when the command is stopped.</summary>
    private void Run(
        Func<CancellationToken, ICatalogWriter> open, Func<ICatalogWriter, CancellationToken, CatalogImport?> work, Func<(string, long, long?)> status, string nothing)
    {
        using var progress = NewProgress("Importing an inventory");
        progress.Follow(status);
        Pump(
            (emit, stop) =>
            {
                var watch = Stopwatch.StartNew();
                BinaryCacheInventory? result;
                using (var writer = open(stop))
                {
                    result = work(writer, stop) is { } done ? Describe(writer, done, watch.Elapsed) : null;
                }

                // Whoever gets it may write to the catalog at once.
                emit(result is null ? () => WriteVerbose(nothing) : () => WriteObject(result));
            },
            progress);
    }

    private static BinaryCacheInventory Describe(ICatalogWriter writer, CatalogImport done, TimeSpan duration) => new()
    {
        Catalog = writer.Location,
        Cache = writer.Manifest.Cache,
        Source = done.Source,
        Created = done.Created,
        ObjectCount = writer.Manifest[CatalogTable.Objects].Rows,
        AddedCount = done.Difference?.Added,
        ChangedCount = done.Difference?.Changed,
        RemovedCount = done.Difference?.Removed,
        Duration = duration,
    };
}
