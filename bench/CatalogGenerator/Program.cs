using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using NixStore.Bench.Catalogs;
using NixStore.Caches.BinaryCaches;
using NixStore.Catalog.AccessLogs;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.Datasets;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Hydra;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Storage;

const string usage = """
    usage: CatalogGenerator DIRECTORY [--count N] [--seed N] [--rebuild N] [--part N] [--signatures] [--objects] [--inventory DIRECTORY]
           CatalogGenerator import CATALOG INVENTORY       each of these prints what it took
           CatalogGenerator dataset CATALOG FILE [ROWS-A-STEP]
           CatalogGenerator update CATALOG CACHE [ROWS-A-STEP]
           CatalogGenerator hydra CATALOG DATABASE|DUMP [BUILDS-A-STEP]
           CatalogGenerator logs CATALOG DIRECTORY [BYTES-A-STEP]
           CatalogGenerator export CATALOG DATABASE
           CatalogGenerator orphans CATALOG KIND
           CatalogGenerator find CATALOG PATTERN
           CatalogGenerator measure CATALOG GROUPING
           CatalogGenerator walk CATALOG ROOTS
           CatalogGenerator graph DIRECTORY COUNT ROOTS
           CatalogGenerator roots CATALOG LIST             of store paths
           CatalogGenerator root CATALOG COUNT             about so many of its paths, in the place of its roots
           CatalogGenerator reach CATALOG
           CatalogGenerator copy CATALOG DESTINATION       a catalog is a folder or a clickhouse:// address, here and for find, measure, orphans and reach
           CatalogGenerator prune PLAN CACHE [OBJECTS]     without delays; OBJECTS: makes a cache of so many narinfos and a plan for them first
           CatalogGenerator plan CATALOG PLAN ROOTS        for what so many roots do not lead to
           CatalogGenerator prove CATALOG PLAN
    """;

var watch = Stopwatch.StartNew();
switch (args)
{
    case ["import", var catalog, var inventory]:
        using (var writer = CatalogWriter.Open(catalog, new CatalogManifest()))
        {
            foreach (var import in InventoryImport.Find(inventory))
            {
                import.Run(writer);
                Print(import.RowsDone, "objects");
            }
        }

        return 0;
    case ["dataset", var catalog, var file, .. var size]:
        using (var writer = CatalogWriter.Open(catalog, new CatalogManifest()))
        {
            Print(new DatasetImport(file) { StepSize = StepSize(size) }.Run(writer).Read, "narinfos");
        }

        return 0;
    case ["update", var catalog, var address, .. var size]:
        using (var cache = BinaryCacheFactory.Open(address))
        using (var writer = CatalogWriter.Open(catalog, new CatalogManifest { Cache = address }))
        {
            if (writer.Manifest[CatalogTable.Objects].Parts.Count == 0)
            {
                Print(new ListingImport(cache).Run(writer).Files.Count, "listed");
            }

            Print(new NarInfoUpdate(writer, new BinaryCacheFeed(cache)) { StepSize = StepSize(size) }.Run().Read, "narinfos");
        }

        return 0;
    case ["hydra", var catalog, var source, .. var size]:
        using (var writer = CatalogWriter.Open(catalog, new CatalogManifest()))
        {
            var import = File.Exists(source) ? HydraImport.From(writer, [source]) : HydraImport.From(writer, HydraDatabase.Parse(source), buildsAtOnce: StepSize(size));
            import.Run();
            Print(import.RowsDone, "rows");
        }

        return 0;
    case ["logs", var catalog, var folder, .. var size]:
        using (var writer = CatalogWriter.Open(catalog, new CatalogManifest()))
        {
            Print(new AccessLogImport(writer) { BytesAtOnce = StepSize(size) }.Run(Directory.EnumerateFiles(folder), error => throw error).Lines, "lines");
        }

        return 0;
    case ["export", var catalog, var database]:
        var export = new HydraExport(CacheCatalog.Open(catalog), HydraDatabase.Parse(database));
        Console.WriteLine(export.Run());
        Print(export.RowsDone, "narinfos");
        return 0;
    case ["orphans", var catalog, var kind]:
        using (var open = Open(catalog))
        {
            Print(open.FindOrphans(Enum.Parse<NixStore.BinaryCacheOrphanKind>(kind), new(), default).Count(), "orphans");
            Print(open.CountOrphansPerDay(Enum.Parse<NixStore.BinaryCacheOrphanKind>(kind), new(), default).Count, "days, with the former");
        }

        return 0;
    case ["find", var catalog, var pattern]:
        var found = 0;
        using (var open = Open(catalog))
        {
            foreach (var path in open.Find(new NarInfoFilter { Names = [pattern] }, default))
            {
                if (found++ == 0)
                {
                    Print(1, "first path");
                }
            }
        }

        Print(found, "paths");
        return 0;
    case ["measure", var catalog, var by]:
        using (var open = Open(catalog))
        {
            Print(open.Measure(Enum.Parse<NixStore.BinaryCacheGrouping>(by), new MeasureOptions(), default).Count(), "groups");
        }

        return 0;
    case ["walk", var catalog, var from]:
        GraphMeasurement.OfCatalog(catalog, int.Parse(from, CultureInfo.InvariantCulture));
        return 0;
    case ["graph", var folder, var size, var from]:
        GraphMeasurement.OfSynthetic(folder, new SyntheticCache(new GeneratorOptions { Count = long.Parse(size, CultureInfo.InvariantCulture) }), int.Parse(from, CultureInfo.InvariantCulture));
        return 0;
    case ["roots", var catalog, var list]:
        var roots = StorePathListRoots.Read(list, new NixStore.StoreDirectory(CacheCatalog.Open(catalog).Manifest.StoreDirectory)).As("list");
        using (var writer = CatalogWriter.Open(catalog))
        {
            RootTable.Add(writer, [roots], DateTimeOffset.UnixEpoch, null);
        }

        Print(roots.Paths.Count, "roots");
        return 0;
    case ["root", var catalog, var share]:
        using (var writer = CatalogWriter.Open(catalog))
        {
            var every = Math.Max(1, writer.Manifest[CatalogTable.NarInfos].Rows / long.Parse(share, CultureInfo.InvariantCulture));
            var step = writer.BeginStep();
            step.Drop(CatalogTable.Roots, _ => true);
            Print(step.Write(CatalogTable.Roots, $"""
                SELECT hash, pname AS name, 'StorePath' AS kind, 'bench' AS origin, NULL::BIGINT AS maximum_age, epoch_ms(0)::TIMESTAMP_MS AS added_at, NULL::TIMESTAMP_MS AS expires_at FROM narinfos WHERE hash(hash) % {every} = 0 ORDER BY hash
                """), "roots");
            step.Commit();
        }

        return 0;
    case ["copy", var catalog, var destination]:
        using (var source = Open(catalog))
        {
            var copy = CatalogCopy.From(source);
            _ = ClickHouseAddress.IsAddress(destination) ? copy.ToCluster(ClickHouseAddress.Parse(destination), false, default) : copy.ToFolder(destination, false, default);
            Print(copy.Done, "rows");
        }

        return 0;
    case ["reach", var catalog]:
        using (var open = Open(catalog))
        using (var reachability = open.Reach(DateTimeOffset.UtcNow, null, default))
        {
            Print(reachability.Count, $"narinfos are reached in at most {reachability.Levels} steps");
            Print(open.Find(new NarInfoFilter { IsReachable = false, Reachability = reachability }, default).Count(), "are not, with the former");
        }

        return 0;
    case ["prune", var plan, var address, .. var more]:
        PruneMeasurement.Run(plan, address, more is [var objects, ..] ? int.Parse(objects, CultureInfo.InvariantCulture) : 0, more is [_, var mode] ? Enum.Parse<NixStore.BinaryCachePruneMode>(mode) : default, Print);
        return 0;
    case ["plan", var catalog, var plan, var from]:
        PlanMeasurement.Make(catalog, plan, int.Parse(from, CultureInfo.InvariantCulture));
        return 0;
    case ["prove", var catalog, var plan]:
        PlanMeasurement.Prove(catalog, plan);
        return 0;
    case [var directory, ..]:
        var generator = new CatalogGenerator(new SyntheticCache(GeneratorOptions.Parse(args.AsSpan(1))));
        generator.Write(Path.GetFullPath(directory));
        Print(generator.Answers.Paths, "narinfos");
        var answers = JsonSerializer.Serialize(generator.Answers);
        File.WriteAllText(Path.GetFullPath(directory).TrimEnd('/') + ".answers.json", answers);
        Console.WriteLine(answers);
        return 0;
    default:
        Console.Error.WriteLine(usage);
        return 2;
}

static ICatalog Open(string catalog) => ClickHouseAddress.IsAddress(catalog) ? ClusterCatalog.Open(ClickHouseAddress.Parse(catalog)) : CacheCatalog.Open(catalog);

static int StepSize(string[] arguments) => arguments is [var size] ? int.Parse(size, CultureInfo.InvariantCulture) : 1_000_000;

void Print(long count, string what) => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"{count:N0} {what} in {watch.Elapsed.TotalSeconds:0.00} s, {count / watch.Elapsed.TotalSeconds:N0}/s, peak {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB"));
