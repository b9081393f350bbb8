using NixStore.Bench.Catalogs;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>A generated cache with known answers, in a folder and on a cluster, with something of all that can be amiss.</summary>
public abstract class GeneratedCatalog : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private ClusterCatalog? _cluster;

    /// <summary>Makes it.</summary>
    /// <param name="count">Narinfos.</param>
    /// <param name="isAmiss">False: it is as it should be, and has roots.</param>
    protected GeneratedCatalog(int count, bool isAmiss = true)
    {
        var generator = new CatalogGenerator(new SyntheticCache(new GeneratorOptions { Count = count, Rebuild = 1000, PartSize = 6000 + (count / 12), Objects = true, Signatures = true }));
        generator.Write(_directory / "cache.catalog");
        Answers = generator.Answers;
        using (var writer = CatalogWriter.Open(_directory / "cache.catalog"))
        {
            AddRoots(writer);
            if (isAmiss)
            {
                AddWhatIsAmiss(writer);
            }
        }

        Folder = CacheCatalog.Open(_directory / "cache.catalog");
    }

    public CacheCatalog Folder { get; }

    public GeneratorAnswers Answers { get; }

    internal ClusterCatalog OnCluster(ClickHouseServers servers)
    {
        if (_cluster is null)
        {
            var address = servers.NewDatabase();
            CatalogCopy.From(Folder).ToCluster(address, false, default);
            _cluster = ClusterCatalog.Open(address);
        }

        return _cluster;
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _cluster?.Dispose();
        _directory.Dispose();
    }

    private static void AddRoots(CatalogWriter writer)
    {
        writer.Add(CatalogTable.Roots, """
            SELECT hash, pname AS name, 'StorePath' AS kind, 'test' AS origin, epoch_ms(0)::TIMESTAMP_MS AS added_at, NULL::TIMESTAMP_MS AS expires_at FROM (SELECT * FROM narinfos ORDER BY hash LIMIT 40)
            UNION ALL SELECT hash, pname, 'Pin', 'gone', epoch_ms(0)::TIMESTAMP_MS, TIMESTAMP_MS '2001-01-01' FROM (SELECT * FROM narinfos ORDER BY hash DESC LIMIT 3000)
            UNION ALL SELECT repeat('0', 32), 'nowhere', 'Pin', 'pin', epoch_ms(0)::TIMESTAMP_MS, NULL
            """);
        writer.Add(CatalogTable.Roots, "SELECT NULL AS hash, 'Age' AS kind, 'age<300d' AS origin, 25920000 AS maximum_age, epoch_ms(0)::TIMESTAMP_MS AS added_at");
    }

    /// <summary>What Hydra knows, and one in some of everything that can hang in the air; the generator's own counts stay right.</summary>
    private static void AddWhatIsAmiss(CatalogWriter writer)
    {
        writer.Add(CatalogTable.Hydra, "SELECT hash, pname, 1 AS build, 1 AS stepnr, 'out' AS name FROM narinfos WHERE hash < 't'");
        var step = writer.BeginStep();
        var narInfos = writer.Manifest[CatalogTable.NarInfos].Parts;
        foreach (var part in narInfos)
        {
            step.Write(CatalogTable.NarInfos, $"""
                SELECT * REPLACE (list_transform("references", r -> CASE WHEN hash(r) % 500 = 0 THEN lpad((hash(r) % 1000000007)::VARCHAR, 32, '1') ELSE r END) AS "references")
                FROM {DuckFiles.Parquet(Path.Combine(writer.Directory, "narinfos", part.Name))} ORDER BY hash
                """);
        }

        step.Drop(CatalogTable.NarInfos, narInfos.Contains);
        var parts = writer.Manifest[CatalogTable.Objects].Parts;
        foreach (var part in parts)
        {
            // Some NARs are called otherwise than their narinfos say, some narinfos are not of those that were read, some objects are not seen by anybody.
            step.Write(CatalogTable.Objects, $"""
                SELECT * REPLACE (CASE WHEN starts_with(key, 'nar/') AND hash(key) % 50 = 0 THEN 'nar/0' || substr(key, 6) WHEN ends_with(key, '.narinfo') AND hash(key) % 50 = 1 THEN lpad((hash(key) % 1000000007)::VARCHAR, 32, '0') || '.narinfo' ELSE key END AS key,
                    CASE WHEN hash(key) % 300 = 2 THEN NULL ELSE last_modified_date END AS last_modified_date)
                FROM {DuckFiles.Parquet(Path.Combine(writer.Directory, "objects", part.Name))}
                UNION ALL SELECT * REPLACE (false AS is_latest, 77 AS size) FROM {DuckFiles.Parquet(Path.Combine(writer.Directory, "objects", part.Name))} WHERE hash(key) % 40 = 3
                ORDER BY key
                """);
        }

        step.Drop(CatalogTable.Objects, parts.Contains);
        step.Commit();
        SharedNars.Refresh(writer, default);
    }
}
