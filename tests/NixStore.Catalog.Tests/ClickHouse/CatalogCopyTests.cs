using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

public abstract class CatalogCopyTests(ClickHouseServers servers) : IDisposable
{
    [Collection(nameof(OldClickHouseServers))]
    public sealed class OnOld(OldClickHouseServers servers) : CatalogCopyTests(servers);

    [Collection(nameof(CurrentClickHouseServers))]
    public sealed class OnCurrent(CurrentClickHouseServers servers) : CatalogCopyTests(servers);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    [SkippableFact]
    public void Every_value_comes_back_as_it_was()
    {
        var address = servers.NewDatabase();
        var source = Hostile(_directory / "source");
        Copy(source, address);
        using (var copy = ClusterCatalog.Open(address))
        {
            Assert.Equal(System.Text.Json.JsonSerializer.Serialize(source.Manifest), System.Text.Json.JsonSerializer.Serialize(copy.Manifest));
            CatalogCopy.From(copy).ToFolder(_directory / "back", false, default);
        }

        CatalogTables.AssertSame(source, CacheCatalog.Open(_directory / "back"));
    }

    [SkippableFact]
    public void Rows_are_on_both_shards()
    {
        var address = servers.NewDatabase();
        Copy(Hostile(_directory / "source"), address);
        using var copy = ClusterCatalog.Open(address);
        var shards = ShardStatus.Ask(copy.Cluster, default);
        Assert.Equal(2, shards.Count);
        Assert.All(shards, shard => Assert.InRange(shard.Rows.Where(item => item.Key.Table == "narinfos_shard").Sum(item => item.Value), 300, 700));
    }

    [SkippableFact]
    public void What_is_there_stays_unless_it_is_told_to_go()
    {
        var address = servers.NewDatabase();
        Copy(Hostile(_directory / "source"), address);
        using var writer = CatalogWriter.Open(_directory / "other", new CatalogManifest());
        var other = writer.AddNarInfos(("a", "nar/a", [], "2026-01-01")).ToCatalog();
        Assert.Equal("CatalogExists", Assert.Throws<NixStoreException>(() => Copy(other, address)).ErrorId);
        using (var before = ClusterCatalog.Open(address))
        {
            Assert.Equal(1000, before.Find(new(), default).Count());
        }

        CatalogCopy.From(other).ToCluster(address, overwrite: true, default);
        using var after = ClusterCatalog.Open(address);
        Assert.Equal(CatalogRows.Hash("a"), Assert.Single(after.Find(new(), default)).HashPart);
    }

    [SkippableFact]
    public void An_unfinished_copy_cannot_be_read_and_is_continued()
    {
        var address = servers.NewDatabase();
        var source = Hostile(_directory / "source");
        using (var stop = new CancellationTokenSource())
        {
            var copy = CatalogCopy.From(source);
            copy.AfterPart = stop.Cancel;
            Assert.ThrowsAny<OperationCanceledException>(() => copy.ToCluster(address, false, stop.Token));
            Assert.Equal(source.Manifest[CatalogTable.All[0]].Parts[0].Rows, copy.Done);
            Assert.Equal("CatalogUnfinished", Assert.Throws<NixStoreException>(() => ClusterCatalog.Open(address)).ErrorId);
            Assert.Equal("CatalogUnfinished", Assert.Throws<NixStoreException>(() => ClusterWriter.Open(address)).ErrorId);
        }

        Copy(source, address);
        using var whole = ClusterCatalog.Open(address);
        CatalogCopy.From(whole).ToFolder(_directory / "back", false, default);
        CatalogTables.AssertSame(source, CacheCatalog.Open(_directory / "back"));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_unfinished_copy_of_another_source_stays_unless_it_is_told_to_go(bool onCluster)
    {
        var (address, folder) = (onCluster ? servers.NewDatabase() : null, _directory / "target");
        var source = CatalogCopy.From(Hostile(_directory / "source"));
        Begin("/elsewhere/a catalog 0123");
        var error = Assert.Throws<NixStoreException>(() => Run(false));
        Assert.Equal("CatalogUnfinished", error.ErrorId);
        Assert.Contains("'/elsewhere/a catalog'", error.Message, StringComparison.Ordinal);
        Assert.Contains("-Force", error.Remedy, StringComparison.Ordinal);
        Assert.Equal(1000, Run(true));

        // An earlier state of the same source is nothing that anybody wants.
        Directory.Delete(_directory / "target", recursive: true);
        (address, folder) = (onCluster ? servers.NewDatabase() : null, _directory / "again");
        Begin($"{source.Source} 0123");
        Assert.Equal(1000, Run(false));

        void Begin(string unfinished)
        {
            var initial = new CatalogManifest { UnfinishedCopyOf = unfinished };
            using var cluster = address is null ? null : ClusterWriter.Open(address, initial, allowUnfinished: true);
            using var writer = CatalogWriter.Open(folder, initial, allowUnfinished: true);
        }

        long Run(bool overwrite) => (address is null ? source.ToFolder(folder, overwrite, default) : source.ToCluster(address, overwrite, default))[CatalogTable.NarInfos].Rows;
    }

    [SkippableFact]
    public void What_a_cluster_has_written_is_known_by_its_rows_wherever_it_is_copied_to()
    {
        var (first, again, other) = (Written("one"), Written("one"), Written("two"));
        Assert.Equal(first[CatalogTable.NarInfos].Parts, again[CatalogTable.NarInfos].Parts);
        Assert.Equal(first[CatalogTable.NarInfos].Bytes, other[CatalogTable.NarInfos].Bytes);
        Assert.NotEqual(PlanSource.DigestOf(first), PlanSource.DigestOf(other));

        CatalogManifest Written(string system)
        {
            var address = servers.NewDatabase();
            using (var writer = ClusterWriter.Open(address, new CatalogManifest()))
            {
                var step = writer.BeginStep();
                step.Write(CatalogTable.NarInfos, $"""
                    SELECT lpad(i::VARCHAR, 32, '0') AS hash, 'name' AS pname, NULL AS url, NULL AS compression, NULL AS file_hash, i AS file_size, NULL AS nar_hash, NULL::BIGINT AS nar_size,
                        ['a', 'b'] AS "references", NULL AS deriver, CASE i WHEN 7 THEN '{system}' END AS system, NULL AS ca, ['s', NULL] AS signatures, NULL::TIMESTAMP_MS AS last_modified_at, NULL AS e_tag
                    FROM generate_series(1, 100) t(i)
                    """);
                step.Commit(default);
            }

            using var catalog = ClusterCatalog.Open(address);
            var copied = CatalogCopy.From(catalog).ToFolder(_directory / address.Database, false, default);
            Assert.Equal(PlanSource.DigestOf(catalog.Manifest), PlanSource.DigestOf(copied));
            return catalog.Manifest;
        }
    }

    [SkippableFact]
    public void Two_writers_do_not_mix()
    {
        var address = servers.NewDatabase();
        Copy(Hostile(_directory / "source"), address);
        using var first = ClusterWriter.Open(address);
        using var second = ClusterWriter.Open(address);
        var late = first.BeginStep();
        late.Update(manifest => manifest with { Cache = "https://first" });
        Assert.Equal("CatalogLocked", Assert.Throws<NixStoreException>(() => late.Commit(default)).ErrorId);
        var step = second.BeginStep();
        step.Update(manifest => manifest with { Cache = "https://second" });
        step.Commit(default);
        using var catalog = ClusterCatalog.Open(address);
        Assert.Equal("https://second", catalog.Manifest.Cache);
    }

    /// <summary>A thousand narinfos, and a row or more of every table, with whatever a text, a number or a list can be.</summary>
    internal static CacheCatalog Hostile(string directory)
    {
        using var writer = CatalogWriter.Open(directory, new CatalogManifest { Cache = "https://cache.invalid/it's \\ {narinfos}" });
        const string texts = """['', 'a', 'it''s', '\', '\n\t', 'x' || chr(0) || 'y', chr(10) || chr(9) || chr(13), '{narinfos}', '$1', '"', 'é €  😀', repeat('z', 3000), NULL]""";
        const string numbers = "[0, 1, -1, 9223372036854775807, -9223372036854775808, NULL]::BIGINT[]";
        const string times = "[epoch_ms(0)::TIMESTAMP_MS, TIMESTAMP_MS '1582-10-15', TIMESTAMP_MS '2262-04-12 01:02:03.456', TIMESTAMP_MS 'infinity', TIMESTAMP_MS '-infinity', NULL]";
        writer.Session.Execute($"CREATE MACRO txt(i) AS ({texts})[1 + i % 13]; CREATE MACRO num(i) AS ({numbers})[1 + i % 6]; CREATE MACRO tim(i) AS ({times})[1 + i % 6]");
        for (var part = 0; part < 2; part++)
        {
            writer.Add(CatalogTable.NarInfos, $"""
                SELECT lpad((i * 7919 + {part})::VARCHAR, 32, '0') AS hash, txt(i) AS pname, txt(i + 1) AS url, txt(i + 2) AS compression, txt(i + 3) AS file_hash, num(i) AS file_size, txt(i + 4) AS nar_hash,
                    num(i + 1) AS nar_size, CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN [] ELSE [coalesce(txt(i), 'q'), 'r'] END AS "references", txt(i + 5) AS deriver, txt(i + 6) AS system,
                    txt(i + 7) AS ca, CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN [] ELSE [txt(i + 8), NULL, txt(i + 9)] END AS signatures, tim(i) AS last_modified_at, txt(i + 10) AS e_tag
                FROM generate_series({part * 500}, {(part * 500) + 499}) t(i)
                """);
        }

        writer.Add(CatalogTable.Objects, """
            SELECT 'k' || i || coalesce(txt(i), '') AS key, txt(i) AS version_id, [true, false, NULL][1 + i % 3] AS is_latest, [NULL, true, false][1 + i % 3] AS is_delete_marker, num(i) AS size,
                tim(i) AS last_modified_date, txt(i + 1) AS e_tag, txt(i + 2) AS storage_class, i % 2 = 0 AS is_multipart_uploaded, tim(i + 1) AS object_lock_retain_until_date,
                txt(i + 3) AS object_owner, tim(i + 2) AS lifecycle_expiration_date
            FROM generate_series(1, 300) t(i)
            """);
        writer.Add(CatalogTable.Findings, "SELECT 'k' || i AS key, txt(i) AS kind, txt(i + 1) AS detail, txt(i + 2) AS e_tag FROM generate_series(1, 30) t(i)");
        writer.Add(CatalogTable.Shared, "SELECT 'h' || i AS hash FROM generate_series(1, 30) t(i)");
        writer.Add(CatalogTable.Hydra, "SELECT 'h' || i AS hash, txt(i) AS pname, num(i) AS build, [1, -2147483648, NULL][1 + i % 3]::INTEGER AS stepnr, txt(i + 1) AS name, txt(i + 2) AS system, tim(i) AS stop_time FROM generate_series(1, 30) t(i)");
        writer.Add(CatalogTable.Downloads, "SELECT 'h' || i AS hash, tim(i) AS last_download, num(i) AS count, num(i + 1) AS nar_count FROM generate_series(1, 30) t(i)");
        writer.Add(CatalogTable.Roots, "SELECT CASE WHEN i % 3 = 0 THEN NULL ELSE 'h' || i END AS hash, txt(i) AS name, txt(i + 1) AS kind, txt(i + 2) AS origin, num(i) AS maximum_age, tim(i) AS added_at, tim(i + 1) AS expires_at FROM generate_series(1, 30) t(i)");
        writer.Add(CatalogTable.Links, "SELECT 'k' || i AS key, txt(i) AS e_tag, txt(i + 1) AS hash, txt(i + 2) AS url FROM generate_series(1, 30) t(i)");
        return writer.ToCatalog();
    }

    private static void Copy(ICatalog source, ClickHouseAddress address) => CatalogCopy.From(source).ToCluster(address, false, default);
}
