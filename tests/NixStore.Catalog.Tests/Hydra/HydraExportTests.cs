using NixStore.Catalog.Hydra;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Hydra;

[Collection(HydraCollection.Name)]
public sealed class HydraExportTests(PostgresServer server) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public void WritesReferencesAndUrls()
    {
        var hydra = server.NewHydra();
        hydra.AddBuilds(1, 1);
        hydra.Execute($"update buildstepoutputs set path = '/nix/store/{CatalogRows.Hash("a")}-package-a' where stepnr = 1");
        var catalog = NewCatalog(("a", "nar/a.nar.xz", ["a", "b"], "2026-01-01"), ("b", "nar/b.nar.xz", [], "2026-01-02"));
        Assert.Equal(new HydraExportResult(2, 0, 0), new HydraExport(catalog, hydra.Database).Run());

        Assert.Equal($"{CatalogRows.Hash("a")} {CatalogRows.Hash("b")}", hydra.Ask<string>($"select string_agg(reference, ' ' order by reference) from nixstore.reference where referrer = '{CatalogRows.Hash("a")}'"));
        Assert.Equal("package-b nar/b.nar.xz 10 20 0", hydra.Ask<string>($"select concat_ws(' ', name, url, file_size, nar_size, cardinality(refs)) from nixstore.narinfo where hash = '{CatalogRows.Hash("b")}'"));
        Assert.Equal("1 1 out nar/a.nar.xz", hydra.Ask<string>("select concat_ws(' ', build, stepnr, output, url) from nixstore.output"));
    }

    [SkippableFact]
    public void BringsTheTablesToTheStateOfTheCatalog()
    {
        var hydra = server.NewHydra();
        Assert.Equal(new HydraExportResult(3, 0, 0), Export(hydra, NewCatalog(("a", "nar/a", ["a"], "2026-01-01"), ("b", "nar/b", [], "2026-01-01"), ("c", "nar/c", [], "2026-01-01"))));
        var rows = hydra.Ask<string>("select string_agg(xmin::text, ' ' order by hash) from nixstore.narinfo where hash like '%a'");
        var next = NewCatalog(("0", "nar/0", [], "2026-01-01"), ("a", "nar/a", ["a"], "2026-01-01"), ("b", "nar/b2", [], "2026-01-01"), ("d", "nar/d", [], "2026-01-01"));
        Assert.Equal(new HydraExportResult(2, 1, 1), Export(hydra, next, batch: 1));
        Assert.Equal(rows, hydra.Ask<string>("select string_agg(xmin::text, ' ' order by hash) from nixstore.narinfo where hash like '%a'"));
        Assert.Equal(new HydraExportResult(0, 0, 0), Export(hydra, next));
        Assert.Equal("nar/0 nar/a nar/b2 nar/d", hydra.Ask<string>("select string_agg(url, ' ' order by hash) from nixstore.narinfo"));
        Assert.Equal(new HydraExportResult(0, 1, 3), Export(hydra, NewCatalog(("b", "nar/b", [], "2026-01-01"))));
    }

    [SkippableFact]
    public void GoesOnWhereItWasBrokenOff()
    {
        var hydra = server.NewHydra();
        var catalog = NewCatalog([.. Enumerable.Range(0, 500).Select(i => ($"{i:D3}", $"nar/{i}", new[] { "000" }, "2026-01-01"))]);
        using (var stop = new CancellationTokenSource())
        {
            var batches = 0;
            var export = new HydraExport(catalog, hydra.Database)
            {
                BatchSize = 50,
                AfterBatch = () =>
                {
                    if (++batches == 3)
                    {
                        stop.Cancel();
                    }
                },
            };
            Assert.ThrowsAny<OperationCanceledException>(() => export.Run(stop.Token));
        }

        Assert.Equal(150, hydra.Ask<long>("select count(*) from nixstore.narinfo"));
        Assert.Equal(350, Export(hydra, catalog, batch: 50).Added);
        Assert.Equal(500, hydra.Ask<long>("select count(*) from nixstore.narinfo where refs = array[lpad('000', 32, '0')]"));
    }

    [SkippableFact]
    public void RefusesWhatIsNoHydraAndWhatIsOfAnotherCache()
    {
        var hydra = server.NewHydra();
        Export(hydra, NewCatalog(("a", "nar/a", [], "2026-01-01")));
        string Id(CacheCatalog catalog) => Assert.ThrowsAny<NixStoreException>(() => Export(hydra, catalog)).ErrorId;
        Assert.Equal("HydraExportOfAnotherCache", Id(NewCatalog("https://other", ("a", "nar/a", [], "2026-01-01"))));
        using (var writer = CatalogWriter.Open(_directory / "empty", new CatalogManifest()))
        {
            Assert.Equal("CatalogTableEmpty", Id(writer.ToCatalog()));
        }

        var lab = server.NewHydra();
        lab.Execute("drop table buildstepoutputs");
        Assert.Equal("HydraTableMissing", Assert.ThrowsAny<NixStoreException>(() => Export(lab, NewCatalog(("a", "nar/a", [], "2026-01-01")))).ErrorId);
        Assert.Equal(0, lab.Ask<long>("select count(*) from information_schema.schemata where schema_name = 'nixstore'"));
        lab = server.NewHydra();
        lab.Execute($"create role reader{lab.Url[^1]} login; grant select on all tables in schema public to reader{lab.Url[^1]}");
        var denied = lab.Url.Replace("postgres@", $"reader{lab.Url[^1]}@", StringComparison.Ordinal);
        Assert.Equal("HydraAccessDenied", Assert.ThrowsAny<NixStoreException>(() => new HydraExport(NewCatalog(("a", "nar/a", [], "2026-01-01")), HydraDatabase.Parse(denied)).Run()).ErrorId);
    }

    private static HydraExportResult Export(HydraLab hydra, CacheCatalog catalog, int batch = 50_000) => new HydraExport(catalog, hydra.Database) { BatchSize = batch }.Run();

    private CacheCatalog NewCatalog(params (string Name, string Url, string[] References, string Time)[] narInfos) => NewCatalog("https://cache", narInfos);

    private CacheCatalog NewCatalog(string cache, params (string Name, string Url, string[] References, string Time)[] narInfos)
    {
        using var writer = CatalogWriter.Open(_directory / Guid.NewGuid().ToString(), new CatalogManifest { Cache = cache });
        return writer.AddNarInfos(narInfos).ToCatalog();
    }
}
