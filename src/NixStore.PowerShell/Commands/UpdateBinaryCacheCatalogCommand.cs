using System.Diagnostics;
using System.Management.Automation;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Bulk;
using NixStore.Catalog.Datasets;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Storage;

namespace NixStore.PowerShell.Commands;

/// <summary>Update-BinaryCacheCatalog: the narinfos that a catalog lacks or has in another state, from the cache or from a published dataset.</summary>
[Cmdlet(VerbsData.Update, "BinaryCacheCatalog", DefaultParameterSetName = CacheSet, SupportsShouldProcess = true)]
[OutputType(typeof(BinaryCacheUpdate))]
public sealed class UpdateBinaryCacheCatalogCommand : EngineCommand
{
    private const string CacheSet = "Cache";
    private const string DatasetSet = "Dataset";

    // A narinfo is small: who is silent for so long has forgotten it.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Engine")]
    [ValidateNotNullOrEmpty]
    public override string Catalog { get; set; } = "";

    /// <summary>The address of the cache. Default: the one that the catalog names.</summary>
    [Parameter(ParameterSetName = CacheSet, ValueFromPipelineByPropertyName = true)]
    [Alias("Cache")]
    [ValidateNotNullOrEmpty]
    public string? BinaryCache { get; set; }

    /// <summary>Parquet files with narinfos, instead of fetching them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DatasetSet)]
    [ValidateNotNullOrEmpty]
    public string[] Dataset { get; set; } = [];

    /// <summary>How many narinfos are asked for at once; fewer while the server says that it is too much.</summary>
    [Parameter(ParameterSetName = CacheSet)]
    [ValidateRange(1, 4096)]
    public int ThrottleLimit { get; set; } = 64;

    /// <summary>At most so many requests a second. Default: as many as come about.</summary>
    [Parameter(ParameterSetName = CacheSet)]
    [ValidateRange(0.01, 1_000_000.0)]
    public double MaximumRequestRate { get; set; } = double.PositiveInfinity;

    /// <summary>
    /// Only narinfos: not the debug information, realisations and build traces either, of which the catalog notes to whom they belong. Plans to prune the
    /// cache leave those alone that it does not know.
    /// </summary>
    [Parameter(ParameterSetName = CacheSet)]
    public SwitchParameter NarInfoOnly { get; set; }

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
        if (!ShouldProcess(CatalogShown, $"Import the dataset '{path}'"))
        {
            return;
        }

        var import = new DatasetImport(path);
        Run(path, WriterOf(new CatalogManifest()), import.Run, () => ($"{import.Done:N0} of {import.Total:N0} rows", import.Done, import.Total));
    }

    private void UpdateFromCache()
    {
        var catalog = OpenAnyCatalog(PipelineStopToken);
        var manifest = catalog.Manifest;
        var address = BinaryCache is not null ? ToCacheUrl(BinaryCache) : manifest.Cache ?? throw new NixStoreException("CacheNotKnown", StoreErrorKind.InvalidArgument,
            $"The catalog '{catalog.Location}' does not say which cache it is of.", catalog.Location, "Give its address by -BinaryCache.");
        if (manifest[CatalogTable.Objects].Parts.Count == 0)
        {
            throw new NixStoreException("CatalogHasNoInventory", StoreErrorKind.NotFound, $"The catalog '{catalog.Location}' does not know what is in '{address}'.", catalog.Location,
                "Import an inventory or a listing first (Import-BinaryCacheInventory), or a dataset (-Dataset).");
        }

        if (!ShouldProcess(CatalogShown, IsWhatIf ? Plan(catalog, address) : $"Fetch narinfos from '{address}'"))
        {
            return;
        }

        var options = new BinaryCacheOptions
        {
            StoreDirectory = new StoreDirectory(manifest.StoreDirectory),
            MaximumConnections = ThrottleLimit,
            StalledDownloadTimeout = s_patience,
        };
        var cache = Keep(BinaryCacheFactory.Open(address, options, PipelineStopToken));
        var bulk = new BulkOptions
        {
            ThrottleLimit = ThrottleLimit,
            MaximumRate = double.IsFinite(MaximumRequestRate) ? MaximumRequestRate : null,
        };
        var feed = new BinaryCacheFeed(cache, bulk);
        var counts = new FeedProgress();
        var rate = new RateMeter();
        LinkUpdate? links = null;
        Run(
            cache.Url, WriterOf(null),
            (writer, stop) =>
            {
                var done = new NarInfoUpdate(writer, feed) { Progress = counts }.Run(stop);
                return NarInfoOnly ? done : With(done, (links = new LinkUpdate(writer, cache, bulk)).Run(stop));
            },
            () => links is { } others ? ($"{others.Done:N0} of {others.Total:N0} other objects", others.Done, others.Total) : (Status(counts, feed, rate), counts.Done, counts.Total));
    }

    /// <summary>What could not be had of the other objects is asked for again, too.</summary>
    private static FeedResult With(FeedResult narInfos, FeedResult links)
        => narInfos with { Links = links.Read, Skipped = narInfos.Skipped + links.Skipped, Error = narInfos.Error ?? links.Error };

    private string Plan(ICatalog catalog, string address)
    {
        FeedPlan? plan = null;
        using var progress = NewProgress("Looking what has changed");
        Pump<FeedPlan>((_, stop) => plan = NarInfoUpdate.Plan(catalog, stop), _ => { }, progress);
        return $"Fetch {plan!.Wanted:N0} narinfos from '{address}' and remove {plan.Outdated:N0} that are gone or have changed";
    }

    private string Status(FeedProgress progress, BinaryCacheFeed feed, RateMeter rate)
    {
        var text = $"{progress.Done:N0} of {progress.Total:N0} narinfos, {rate.Next(progress.Done):N0} a second";
        return feed.CurrentLimit < ThrottleLimit ? $"{text}, the server wants fewer than {feed.CurrentLimit + 1:N0} at once" : text;
    }

    /// <summary>The writer belongs to the work, which ends at its own time when the command is stopped.</summary>
    private void Run(
        string source, Func<CancellationToken, ICatalogWriter> open, Func<ICatalogWriter, CancellationToken, FeedResult> work, Func<(string, long, long?)> status)
    {
        using var progress = NewProgress("Updating the catalog");
        progress.Follow(status);
        Pump(
            (emit, stop) =>
            {
                var watch = Stopwatch.StartNew();
                FeedResult done;
                BinaryCacheUpdate result;
                using (var writer = open(stop))
                {
                    done = work(writer, stop);
                    result = new BinaryCacheUpdate
                    {
                        Catalog = writer.Location,
                        Cache = writer.Manifest.Cache,
                        Source = source,
                        PathCount = writer.Manifest[CatalogTable.NarInfos].Rows,
                        ReadCount = done.Read,
                        RemovedCount = done.Removed,
                        FindingCount = done.Findings,
                        SkippedCount = done.Skipped,
                        LinkCount = done.Links,
                        Duration = watch.Elapsed,
                    };
                }

                // Whoever gets it may write to the catalog at once.
                emit(() => WriteObject(result));
                if (done.Error is { } error)
                {
                    emit(() => WriteError(Skipped(done.Skipped, source, error)));
                }
            },
            progress);
    }

    private static NixStoreException Skipped(long count, string source, NixStoreException error) => new(
        "NarInfosSkipped", StoreErrorKind.Connection,
        $"{count:N0} objects of '{source}' could not be had although they were tried several times; of the first: {error.Message}", source,
        "Run the command again: it asks for them only.", error);
}
