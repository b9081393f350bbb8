using System.Diagnostics;
using System.Management.Automation;
using NixStore.Caches.BinaryCaches;
using NixStore.Catalog.Datasets;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Storage;

namespace NixStore.PowerShell.Commands;

/// <summary>Update-BinaryCacheCatalog: the narinfos that a catalog lacks or has in another state, from the cache or from a published dataset.</summary>
[Cmdlet(VerbsData.Update, "BinaryCacheCatalog", DefaultParameterSetName = CacheSet, SupportsShouldProcess = true)]
[OutputType(typeof(BinaryCacheUpdate))]
public sealed class UpdateBinaryCacheCatalogCommand : CatalogCommand
{
    private const string CacheSet = "Cache";
    private const string DatasetSet = "Dataset";

    /// <inheritdoc/>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public override string Catalog { get; set; } = "";

    /// <summary>The address of the cache. Default: the one that the catalog names.</summary>
    [Parameter(ParameterSetName = CacheSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Cache { get; set; }

    /// <summary>Parquet files with narinfos, instead of fetching them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DatasetSet)]
    [ValidateNotNullOrEmpty]
    public string[] Dataset { get; set; } = [];

    /// <summary>How many narinfos are read at once.</summary>
    [Parameter(ParameterSetName = CacheSet)]
    [ValidateRange(1, 4096)]
    public int ThrottleLimit { get; set; } = 32;

    /// <inheritdoc/>
    protected override void Process()
    {
        if (ParameterSetName == DatasetSet)
        {
            foreach (var path in Dataset)
            {
                Try(() => ImportDataset(ToFullPath(path)));
            }
        }
        else
        {
            UpdateFromCache();
        }
    }

    private void ImportDataset(string path)
    {
        if (!ShouldProcess(CatalogDirectory, $"Import the dataset '{path}'"))
        {
            return;
        }

        var import = new DatasetImport(path);
        Run(path, stop => CatalogWriter.Open(CatalogDirectory, new CatalogManifest()), import.Run, () => ($"{import.Done:N0} of {import.Total:N0} rows", import.Done, import.Total));
    }

    private void UpdateFromCache()
    {
        var manifest = OpenCatalog().Manifest;
        var address = Cache ?? manifest.Cache ?? throw new NixStoreException("CacheNotKnown", StoreErrorKind.InvalidArgument,
            $"The catalog '{Catalog}' does not say which cache it is of.", Catalog, "Give its address by -Cache.");
        if (manifest[CatalogTable.Objects].Parts.Count == 0)
        {
            throw new NixStoreException("CatalogHasNoInventory", StoreErrorKind.NotFound, $"The catalog '{Catalog}' does not know what is in '{address}'.", Catalog,
                "Import an inventory or a listing first (Import-BinaryCacheInventory), or a dataset (-Dataset).");
        }

        if (!ShouldProcess(CatalogDirectory, $"Fetch narinfos from '{address}'"))
        {
            return;
        }

        var cache = Keep(BinaryCacheFactory.Open(address, new BinaryCacheOptions { StoreDirectory = new StoreDirectory(manifest.StoreDirectory) }, PipelineStopToken));
        var counts = new FeedProgress();
        Run(cache.Url, stop => CatalogWriter.Open(CatalogDirectory), (writer, stop) => new NarInfoUpdate(writer, new BinaryCacheFeed(cache, ThrottleLimit)) { Progress = counts }.Run(stop),
            () => ($"{counts.Done:N0} of {counts.Total:N0} narinfos", counts.Done, counts.Total));
    }

    /// <summary>The writer belongs to the work, which ends at its own time when the command is stopped.</summary>
    private void Run(
        string source, Func<CancellationToken, CatalogWriter> open, Func<CatalogWriter, CancellationToken, FeedResult> work, Func<(string, long, long?)> status)
    {
        using var progress = NewProgress("Updating the catalog");
        progress.Follow(status);
        Pump(
            (emit, stop) =>
            {
                var watch = Stopwatch.StartNew();
                using var writer = open(stop);
                var done = work(writer, stop);
                var result = new BinaryCacheUpdate
                {
                    Catalog = writer.Directory,
                    Cache = writer.Manifest.Cache,
                    Source = source,
                    PathCount = writer.Manifest[CatalogTable.NarInfos].Rows,
                    ReadCount = done.Read,
                    RemovedCount = done.Removed,
                    FindingCount = done.Findings,
                    Duration = watch.Elapsed,
                };
                emit(() => WriteObject(result));
            },
            progress);
    }
}
