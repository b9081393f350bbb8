using System.Diagnostics;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>Of several who write to a catalog at once, one does; nothing of the others gets into what counts, and readers are told what has happened.</summary>
[Collection(nameof(OldClickHouseServers))]
public sealed class ClusterWriterTests(OldClickHouseServers servers) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_commit_of_one_who_was_overtaken_is_an_error_however_many_states_ago(int commits)
    {
        var address = servers.NewDatabase();
        using var first = ClusterWriter.Open(address, new CatalogManifest());
        using var second = ClusterWriter.Open(address);
        for (var i = 1; i <= commits; i++)
        {
            Name(second, $"https://second{i}");
        }

        Assert.Equal("CatalogLocked", Assert.Throws<NixStoreException>(() => Name(first, "https://first")).ErrorId);
        Assert.Equal("CatalogLocked", Assert.Throws<NixStoreException>(() => Name(first, "https://first")).ErrorId);
        using (var catalog = ClusterCatalog.Open(address))
        {
            Assert.Equal($"https://second{commits}", catalog.Manifest.Cache);
        }

        // The one who has it can go on, and so can others after it.
        Name(second, "https://second");
        using var third = ClusterWriter.Open(address);
        Assert.Equal("https://second", third.Manifest.Cache);
    }

    [SkippableFact]
    public void Rows_of_one_who_was_overtaken_are_in_no_part_of_the_other()
    {
        var address = servers.NewDatabase();
        using var first = ClusterWriter.Open(address, new CatalogManifest());
        Put(first, Rows(10, "x"));
        using var second = ClusterWriter.Open(address);
        Put(second, Rows(20, "b"));
        var late = first.BeginStep();
        Assert.Equal("CatalogLocked", Assert.Throws<NixStoreException>(() =>
        {
            late.Write(CatalogTable.NarInfos, Rows(5, "a"));
            late.Commit(default);
        }).ErrorId);
        Assert.Equal(30, Count(address));
        Put(second, Rows(3, "c"));
        using (var third = ClusterWriter.Open(address))
        {
            Put(third, Rows(2, "d"));
        }

        Assert.Equal(35, Count(address));
    }

    [SkippableFact]
    public void Nor_in_one_that_is_derived_of_others()
    {
        var address = servers.NewDatabase();
        using var first = ClusterWriter.Open(address, new CatalogManifest());
        Put(first, Rows(10, "x"));
        using var second = ClusterWriter.Open(address);
        first.BeginStep().Write(CatalogTable.NarInfos, Rows(5, "a"));
        var (step, columns) = (second.BeginStep(), ClusterTable.Of(CatalogTable.NarInfos).FullColumnList);
        using (var session = second.OpenSession(default))
        {
            step.Drop(CatalogTable.NarInfos, _ => true);
            step.Write(CatalogTable.NarInfos, columns, session.Expand($"SELECT {{part}}, {columns} FROM {{narinfos_shard}} WHERE {{narinfos_parts}} AND file_size != 3"), false, default);
        }

        step.Commit(default);
        Assert.Equal(9, Count(address));
    }

    [SkippableFact]
    public void Rows_of_a_copy_that_was_killed_come_too_late_for_the_next_one()
    {
        var address = servers.NewDatabase();
        var source = Source();
        using var killed = ClusterWriter.Open(address, new CatalogManifest { UnfinishedCopyOf = "killed" }, allowUnfinished: true);
        CatalogCopy.From(source).ToCluster(address, true, default);
        using (var session = source.OpenSession())
        using (var rows = session.Query("SELECT * FROM narinfos"))
        {
            Assert.Equal(1, killed.BeginStep().Write(CatalogTable.NarInfos, rows, pending: true, source.Manifest[CatalogTable.NarInfos].Parts[0], default));
        }

        Assert.Equal(1, Count(address));
        ClusterWriter.Open(address).Dispose();
        Assert.Equal(1, Count(address));
    }

    [SkippableFact]
    public void One_who_was_overtaken_does_not_clear_away_what_the_other_has_written()
    {
        var address = servers.NewDatabase();
        using var first = ClusterWriter.Open(address, new CatalogManifest());
        using var second = ClusterWriter.Open(address);
        Put(second, Rows(20, "b"));
        first.Clean(default);
        Assert.Equal(20, Count(address));
    }

    [SkippableFact]
    public void What_others_have_left_is_cleared_away()
    {
        var address = servers.NewDatabase();
        using (var first = ClusterWriter.Open(address, new CatalogManifest()))
        {
            Put(first, Rows(10, "x"));
            first.BeginStep().Write(CatalogTable.NarInfos, Rows(50, "a"));
            first.BeginStep().Write(CatalogTable.NarInfos, Rows(50, "a"));
        }

        using var second = ClusterWriter.Open(address);
        Assert.Equal(10, second.Cluster.QueryNumber($"SELECT count() FROM {second.Cluster.All("narinfos")}", default));
    }

    [SkippableFact]
    public void A_draft_that_another_one_has_cleared_away_is_no_error_of_the_server()
    {
        var address = servers.NewDatabase();
        using var writer = ClusterWriter.Open(address, new CatalogManifest());
        using var stop = new CancellationTokenSource();
        var others = Task.Run(() =>
        {
            using var cluster = ClickHouseCluster.Open(address, default);
            while (!stop.IsCancellationRequested)
            {
                new ClusterManifest(cluster).Clean(default);
            }
        });
        var errors = new List<string>();

        // They meet sooner or later.
        var watch = Stopwatch.StartNew();
        for (var i = 0; errors.Count == 0 && watch.Elapsed < TimeSpan.FromMinutes(5); i++)
        {
            try
            {
                Name(writer, $"https://{i}");
            }
            catch (NixStoreException error)
            {
                errors.Add(error.ErrorId);
            }
        }

        stop.Cancel();
        others.Wait();
        Assert.Equal(["CatalogLocked"], errors);
    }

    [SkippableFact]
    public void A_reader_is_told_that_what_it_reads_was_replaced()
    {
        var address = servers.NewDatabase();
        using (var writer = ClusterWriter.Open(address, new CatalogManifest()))
        {
            Put(writer, Rows(10, "x"));
        }

        using var catalog = ClusterCatalog.Open(address);
        using (var writer = ClusterWriter.Open(address))
        {
            var step = writer.BeginStep();
            step.Drop(CatalogTable.NarInfos, _ => true);
            step.Write(CatalogTable.NarInfos, Rows(10, "y"));
            step.Commit(default);
        }

        // Its rows stay until the next one writes.
        Assert.Equal(10, catalog.Find(new(), default).Count());
        ClusterWriter.Open(address).Dispose();
        Assert.Equal("CatalogChanged", Assert.Throws<NixStoreException>(() => catalog.Find(new(), default).Count()).ErrorId);
        Assert.Equal("CatalogChanged", Assert.Throws<NixStoreException>(() => CatalogCopy.From(catalog).ToFolder(_directory / "copy", false, default)).ErrorId);
        Assert.Equal(10, Count(address));
    }

    private static long Count(ClickHouseAddress address)
    {
        using var catalog = ClusterCatalog.Open(address);
        var count = catalog.Find(new(), default).Count();
        Assert.Equal(catalog.Manifest[CatalogTable.NarInfos].Rows, count);
        return count;
    }

    private static void Name(ClusterWriter writer, string cache)
    {
        var step = writer.BeginStep();
        step.Update(manifest => manifest with { Cache = cache });
        step.Commit(default);
    }

    private static void Put(ClusterWriter writer, string select)
    {
        var step = writer.BeginStep();
        step.Write(CatalogTable.NarInfos, select);
        step.Commit(default);
    }

    private static string Rows(int count, string tag) => $"""
        SELECT lpad('{tag}' || i, 32, '0') AS hash, 'name-1' AS pname, 'nar/{tag}' || i AS url, NULL AS compression, NULL AS file_hash, i AS file_size, NULL AS nar_hash, NULL::BIGINT AS nar_size,
            ['a'] AS "references", NULL AS deriver, NULL AS system, NULL AS ca, ['s', NULL] AS signatures, NULL::TIMESTAMP_MS AS last_modified_at, NULL AS e_tag
        FROM generate_series(1, {count}) t(i)
        """;

    private CacheCatalog Source()
    {
        using var writer = CatalogWriter.Open(_directory / "source", new CatalogManifest());
        return writer.AddNarInfos(("a", "nar/a", [], "2026-01-01")).ToCatalog();
    }
}
