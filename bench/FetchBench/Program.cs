using System.Diagnostics;
using System.Globalization;
using NixStore;
using NixStore.Bench.Catalogs;
using NixStore.Bench.Fetching;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Bulk;
using NixStore.Caches.Narinfo;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Storage;

const string usage = """
    usage: FetchBench files DIRECTORY COUNT                     makes a file cache of narinfos
           FetchBench parse [COUNT]                             how many narinfos a core reads a second
           FetchBench fetch CACHE DIRECTORY LIMIT               fetches the narinfos that a file cache has, and forgets them
           FetchBench update CATALOG CACHE DIRECTORY LIMIT ROWS-A-STEP    the same into a catalog, as Update-BinaryCacheCatalog does it
    """;

switch (args)
{
    case ["files", var directory, var count]:
        new NarInfoText(Cache(count)).WriteCache(directory);
        return 0;
    case ["parse", .. var count]:
        Parse(count is [var text] ? text : "100000");
        return 0;
    case ["fetch", var address, var directory, var limit]:
        Fetch(address, directory, Number(limit));
        return 0;
    case ["update", var catalog, var address, var directory, var limit, var step]:
        Update(catalog, address, directory, Number(limit), Number(step));
        return 0;
    default:
        Console.Error.WriteLine(usage);
        return 2;
}

static int Number(string text) => int.Parse(text.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

static SyntheticCache Cache(string count) => new(new GeneratorOptions { Count = Number(count) });

static BinaryCache Open(string address, int limit) => BinaryCacheFactory.Open(address, new BinaryCacheOptions { MaximumConnections = limit });

static void Print(string what, long count, TimeSpan time) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"{what}: {count:N0} in {time.TotalSeconds:0.00} s, {count / time.TotalSeconds:N0}/s, process CPU {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds:0.0} s, peak {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB"));

static void Parse(string count)
{
    var text = new NarInfoText(Cache(count));
    var narInfos = Enumerable.Range(0, Number(count)).Select(i => (Source: new CatalogObject(text.HashPart(i), "etag", DateTimeOffset.UnixEpoch), Bytes: text.Of(i))).ToArray();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{narInfos.Average(item => item.Bytes.Length):0} bytes each on average"));
    var prefix = "/nix/store/"u8.ToArray();
    for (var round = 0; round < 3; round++)
    {
        Time("NarInfoView", () =>
        {
            foreach (var (_, bytes) in narInfos)
            {
                if (!NarInfoView.TryRead(bytes, prefix, out _))
                {
                    throw new InvalidOperationException("It is not as it usually is.");
                }
            }
        });
        Time("NarInfoReader", () =>
        {
            foreach (var (source, bytes) in narInfos)
            {
                _ = NarInfoReader.Parse(bytes, StoreDirectory.Default, source.Key);
            }
        });
        Time("NarInfoView, into DuckDB", () =>
        {
            using var session = new DuckSession(new DuckOptions { TemporaryDirectory = Path.Combine(Path.GetTempPath(), "fetchbench"), Threads = 1 });
            session.Execute($"CREATE TABLE rows ({CatalogTable.NarInfos.Columns}); CREATE TABLE bad ({CatalogTable.Findings.Columns})");
            using var rows = new DuckAppender(session, "rows");
            using var bad = new DuckAppender(session, "bad");
            var sink = new NarInfoAppender(rows, bad, StoreDirectory.Default);
            foreach (var (source, bytes) in narInfos)
            {
                sink.Add(source, bytes);
            }

            rows.Close();
        });
    }

    void Time(string what, Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        Print(what, narInfos.Length, watch.Elapsed);
    }
}

static void Fetch(string address, string directory, int limit)
{
    using var listed = Open("file://" + Path.GetFullPath(directory), 1);
    var names = listed.List().Where(file => file.Name.EndsWith(".narinfo", StringComparison.Ordinal)).Select(file => file.Name).ToArray();
    using var cache = Open(address, limit);
    var reader = new BulkReader(cache, new BulkOptions { ThrottleLimit = limit });
    long read = 0;
    var watch = Stopwatch.StartNew();
    reader.Read(names.Length, index => new BulkRequest(names[index]), (_, answer) => Interlocked.Add(ref read, answer.Outcome == BulkOutcome.Read ? 1 : 0));
    Print($"fetched, {limit} at once", read, watch.Elapsed);
}

static void Update(string catalog, string address, string directory, int limit, int step)
{
    using (var listed = Open("file://" + Path.GetFullPath(directory), 1))
    using (var writer = CatalogWriter.Open(catalog, new CatalogManifest { Cache = "https://cache.invalid" }))
    {
        if (writer.Manifest[CatalogTable.Objects].Parts.Count == 0)
        {
            new ListingImport(listed).Run(writer);
        }
    }

    using (var cache = Open(address, limit))
    using (var writer = CatalogWriter.Open(catalog))
    {
        // For those who kill it.
        Console.WriteLine("begun");
        Console.Out.Flush();
        var watch = Stopwatch.StartNew();
        var result = new NarInfoUpdate(writer, new BinaryCacheFeed(cache, new BulkOptions { ThrottleLimit = limit })) { StepSize = step }.Run();
        Print($"updated, {limit} at once, {result.Findings} findings", result.Read, watch.Elapsed);
    }
}
