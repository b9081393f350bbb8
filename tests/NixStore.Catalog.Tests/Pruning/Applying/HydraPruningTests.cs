using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Trash;
using NixStore.Catalog.Tests.Support;
using Npgsql;

namespace NixStore.Catalog.Tests.Pruning.Applying;

/// <summary>Rows of a real PostgreSQL with Hydra's tables go with the paths, and come back.</summary>
[Collection(HydraCollection.Name)]
public sealed class HydraPruningTests(PostgresServer postgres)
{
    private const string All = "select coalesce(md5(string_agg(o::text, ',' order by build, stepnr, name)), '') from buildstepoutputs o";
    private const int Count = 30;

    [SkippableFact]
    public async Task Rows_go_with_an_undo_file_and_come_back()
    {
        var hydra = postgres.NewHydra();
        using var lab = new NixLab();
        using var server = new S3Server();
        using var cache = SyntheticPlan.NewCache(lab, server, "file");
        var plan = SyntheticPlan.Make(cache, Count);
        Fill(hydra, lab.StoreDirectory.Path);
        var before = hydra.Ask<string>(All);
        Assert.Equal(2 * Count + 11, hydra.Ask<long>("select count(*) from buildstepoutputs"));

        // One of them was uploaded again, so its rows stay.
        Thread.Sleep(1100);
        cache.Put(SyntheticPlan.HashPart(5) + ".narinfo", SyntheticPlan.Objects(Count, lab.StoreDirectory.Path).First(item => item.Key == SyntheticPlan.HashPart(5) + ".narinfo").Text);
        var options = PrunedCache.AtOnce() with { Hydra = hydra.Database };
        var results = PrunedCache.Apply(plan, options);
        Assert.Equal(2 * (Count - 1), Assert.Single(results, result => result.Step == "HydraRows").ObjectCount);
        Assert.Equal(11 + 2, hydra.Ask<long>("select count(*) from buildstepoutputs"));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(plan.Directory, "run", "hydra-undo"), "*.csv"));
        Assert.Empty(PrunedCache.Apply(plan, options));

        // A path brings back its rows only.
        using var trash = CacheTrash.Open(cache.Url);
        var one = await trash.Restore(plan.Summary.Id, [SyntheticPlan.HashPart(7)], hydra.Database, new PruneProgress());
        Assert.Equal((3, 2), (one.ObjectCount, one.HydraRowCount));
        var all = await trash.Restore(plan.Summary.Id, null, hydra.Database, new PruneProgress());
        Assert.Equal(2 * (Count - 2), all.HydraRowCount);
        Assert.Equal(before, hydra.Ask<string>(All));
        Assert.Equal(0, (await trash.Restore(plan.Summary.Id, null, hydra.Database, new PruneProgress())).HydraRowCount);
    }

    [SkippableFact]
    public void Without_an_undo_file_nothing_goes()
    {
        var hydra = postgres.NewHydra();
        using var lab = new NixLab();
        using var server = new S3Server();
        using var cache = SyntheticPlan.NewCache(lab, server, "file");
        var plan = SyntheticPlan.Make(cache, Count);
        Fill(hydra, lab.StoreDirectory.Path);
        using var run = PruneRun.Open(plan, PrunedCache.AtOnce() with { Hydra = hydra.Database });
        run.Do(PruneStep.Reconcile);
        run.Do(PruneStep.NarInfos);

        // The trash cannot take it.
        var folder = Path.Combine(cache.Url["file://".Length..], "nixstore-trash", plan.Summary.Id, "hydra-undo");
        File.WriteAllText(folder, "in the way");
        Assert.ThrowsAny<NixStoreException>(() => run.Do(PruneStep.HydraRows));
        Assert.Equal(2 * Count + 11, hydra.Ask<long>("select count(*) from buildstepoutputs"));

        File.Delete(folder);
        run.Do(PruneStep.HydraRows);
        Assert.Equal(11, hydra.Ask<long>("select count(*) from buildstepoutputs"));
    }

    [SkippableFact]
    public async Task Rows_that_Hydra_adds_meanwhile_come_back_too()
    {
        var hydra = postgres.NewHydra();
        using var lab = new NixLab();
        using var server = new S3Server();
        using var cache = SyntheticPlan.NewCache(lab, server, "file");
        var plan = SyntheticPlan.Make(cache, Count);
        Fill(hydra, lab.StoreDirectory.Path);
        hydra.Execute("insert into buildsteps (build, stepnr, type, drvPath, busy) values (7, 3, 0, '/x.drv', 0)");
        using var run = PruneRun.Open(plan, PrunedCache.AtOnce() with { Hydra = hydra.Database });
        run.Do(PruneStep.Reconcile);
        run.Do(PruneStep.NarInfos);

        // Hydra writes, and holds up whoever deletes, but not who reads or locks rows.
        using var connection = new NpgsqlConnection(hydra.Connection);
        connection.Open();
        Execute("begin; lock table buildstepoutputs in share row exclusive mode");
        var pruning = Task.Run(() => run.Do(PruneStep.HydraRows));
        for (var i = 0; hydra.Ask<long>("select count(*) from pg_locks where not granted and relation = 'buildstepoutputs'::regclass") == 0; i++)
        {
            Assert.True(i < 3000 && !pruning.IsCompleted, "nobody waits");
            Thread.Sleep(100);
        }

        Execute($"insert into buildstepoutputs (build, stepnr, name, path) values (7, 3, 'late', '{lab.StoreDirectory.Path}/{SyntheticPlan.HashPart(7)}-package-7'); commit");
        var before = 2 * Count + 1;
        Assert.Equal(before, (await pruning).ObjectCount);
        using var trash = CacheTrash.Open(cache.Url);
        Assert.Equal(before, (await trash.Restore(plan.Summary.Id, null, hydra.Database, new PruneProgress())).HydraRowCount);
        Assert.Equal(1, hydra.Ask<long>("select count(*) from buildstepoutputs where name = 'late'"));

        void Execute(string sql)
        {
            using var command = new NpgsqlCommand(sql, connection);
            command.ExecuteNonQuery();
        }
    }

    /// <summary>Two rows a path of the plan, ten others, and one without a path.</summary>
    private static void Fill(HydraLab hydra, string storeDirectory)
    {
        var rows = Enumerable.Range(0, Count).SelectMany(i => new[] { $"({i}, 1, 'out', '{storeDirectory}/{SyntheticPlan.HashPart(i)}-package-{i}')", $"({i}, 2, 'odd,\"\nname', '{storeDirectory}/{SyntheticPlan.HashPart(i)}-package-{i}')" })
            .Concat(Enumerable.Range(100, 10).Select(i => $"({i}, 1, 'out', '{storeDirectory}/{SyntheticPlan.HashPart(i)}-package-{i}')")).Append("(110, 1, 'out', null)");
        hydra.Execute($"""
            insert into builds (id, finished, timestamp, jobset_id, job, drvPath, system) select b, 1, 1, 1, 'job', '/x.drv', 's' from generate_series(0, 110) b;
            insert into buildsteps (build, stepnr, type, drvPath, busy) select b, s, 0, '/x.drv', 0 from generate_series(0, 110) b, generate_series(1, 2) s;
            insert into buildstepoutputs (build, stepnr, name, path) values {string.Join(", ", rows)};
            """);
    }
}
