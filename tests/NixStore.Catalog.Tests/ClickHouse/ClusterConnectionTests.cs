using System.Diagnostics;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>What is between a catalog's reader and its cluster: slow ends, users and passwords, refusals, proxies.</summary>
[Collection(nameof(OldClickHouseServers))]
public sealed class ClusterConnectionTests(OldClickHouseServers servers) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public void An_insert_that_has_no_more_rows_says_why_and_leaves_none()
    {
        using var cluster = ClickHouseCluster.Open(servers.NewDatabase(), default);
        var table = $"{cluster.Address.Database}.broken";
        cluster.First.Execute($"CREATE DATABASE {cluster.Address.Database}", default);
        cluster.First.Execute($"CREATE TABLE {table} (x String) ENGINE = MergeTree ORDER BY x", default);
        Assert.Throws<KilledException>(() => cluster.First.Insert($"INSERT INTO {table} (x)", stream => throw new KilledException(), default));
        var error = Assert.Throws<ClickHouseException>(() => cluster.First.Insert($"INSERT INTO {table} (y)", stream => GiveTexts(stream, 10), default));
        Assert.Contains("y", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, cluster.First.QueryNumber($"SELECT count() FROM {table}", default));
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => cluster.First.Insert($"INSERT INTO {table} (x)", stream =>
        {
            for (var i = 0; i < 1000; i++)
            {
                GiveTexts(stream, 100_000);
                stop.Cancel();
            }
        }, stop.Token));
    }

    [SkippableTheory]
    [InlineData("josé", " sésame: é")]
    [InlineData("locked", "sesame")]
    public void Users_and_passwords_are_what_they_are(string user, string password)
    {
        using var cluster = ClickHouseCluster.Open(ClickHouseAddress.Parse(servers.NewDatabase().Name, user, password), default);
        Assert.Equal(1, cluster.First.QueryNumber("SELECT 1", default));
        Assert.Equal("ClickHouseAccessDenied", Assert.Throws<ClickHouseException>(() => ClickHouseCluster.Open(ClickHouseAddress.Parse(cluster.Address.Name, user, password + "x"), default)).ErrorId);
    }

    [SkippableFact]
    public void A_long_list_of_hashes_is_no_long_query()
    {
        var address = servers.NewDatabase();
        using var source = CatalogWriter.Open(_directory / "source", new CatalogManifest());
        source.AddNarInfos([.. Enumerable.Range(0, 50).Select(number => ($"p{number}", $"nar/{number}", Array.Empty<string>(), "2026-01-01"))]);
        CatalogCopy.From(source.ToCatalog()).ToCluster(address, false, default);
        using var catalog = ClusterCatalog.Open(address);
        var parts = Enumerable.Range(0, 600_000).Select(i => i.ToString("D32", System.Globalization.CultureInfo.InvariantCulture)).Append(CatalogRows.Hash("p7")).Append(CatalogRows.Hash("p7")).Append(CatalogRows.Hash("p11")).ToList();
        Assert.Equal(new[] { CatalogRows.Hash("p7"), CatalogRows.Hash("p11") }.Order(StringComparer.Ordinal), catalog.Find(new NarInfoFilter { HashParts = parts }, default).Select(path => path.HashPart).Order(StringComparer.Ordinal));
        Assert.Equal(CatalogRows.Hash("p11"), Assert.Single(catalog.Find(new NarInfoFilter { HashParts = parts, Names = ["package-p11*"] }, default)).HashPart);
    }

    [SkippableFact]
    public async Task An_insert_that_another_shard_has_refused_is_not_repeated()
    {
        var address = As("single");
        using var cluster = ClickHouseCluster.Open(address, default);
        using var load = ClickHouseCluster.Open(ClickHouseAddress.Parse(address.Name.Replace("&user=single", "", StringComparison.Ordinal)), default);
        cluster.ExecuteOnEach($"CREATE DATABASE {address.Database}", default);
        cluster.ExecuteOnEach($"CREATE TABLE {cluster.Shard("rows")} (x UInt64) ENGINE = MergeTree ORDER BY x", default);
        cluster.First.Execute($"CREATE TABLE {cluster.All("rows")} (x UInt64) ENGINE = {cluster.Distributed("rows", "x")}", default);

        // It has no end of its own.
        using var stop = new CancellationTokenSource();
        var busy = Task.Run(() => load.Shards[1].QueryNumber($"SELECT sum(sleep(1)) FROM system.numbers -- {address.Database}", stop.Token));
        for (var watch = Stopwatch.StartNew(); load.Shards[1].QueryNumber($"SELECT count() FROM system.processes WHERE query LIKE '%-- {address.Database}\n%'", default) == 0;)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2) && !busy.IsCompleted, "It does not begin.");
            await Task.Delay(20);
        }

        var error = Assert.Throws<ClickHouseException>(() => cluster.First.Execute($"INSERT INTO {cluster.All("rows")} SELECT number FROM (SELECT number FROM system.numbers LIMIT 1000)", default));
        Assert.Equal("ClickHouseBusy", error.ErrorId);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => busy);

        // Each by itself: an old server has to get over its refused connection first.
        Assert.InRange(load.Shards.Sum(shard => shard.QueryNumber($"SELECT count() FROM {load.Shard("rows")}", default)), 0, 1000);
    }

    [SkippableFact]
    public void A_proxy_of_the_environment_gets_nothing()
    {
        using var source = CatalogWriter.Open(_directory / "source", new CatalogManifest());
        source.AddNarInfos(("a", "nar/a", [], "2026-01-01")).ToCatalog();
        var proxy = new Dictionary<string, string?> { ["http_proxy"] = "http://127.0.0.1:9", ["HTTP_PROXY"] = "http://127.0.0.1:9", ["all_proxy"] = "http://127.0.0.1:9", ["no_proxy"] = null, ["NO_PROXY"] = null };
        Assert.True(KilledRun.Run(null, proxy, "copy", _directory / "source", servers.NewDatabase().Name));
    }

    private ClickHouseAddress As(string user) => ClickHouseAddress.Parse(servers.NewDatabase().Name, user);

    internal static void GiveTexts(Stream stream, int count)
    {
        using var session = new DuckSession(new DuckOptions { TemporaryDirectory = Path.Combine(Path.GetTempPath(), $"nixstore-test-{Guid.NewGuid():n}") });
        using var rows = session.Query($"SELECT i::VARCHAR FROM generate_series(1, {count}) t(i)", default);
        NativeWriter.WriteTexts(stream, "x", rows);
    }
}
