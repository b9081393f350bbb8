using NixStore.Catalog.Roots;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Roots;

[Collection(HydraCollection.Name)]
public sealed class HydraRootsTests(PostgresServer server)
{
    [SkippableFact]
    public void A_jobset_gives_the_latest_success_of_each_job_and_what_is_kept()
    {
        var roots = New(out _);

        var list = roots.FromJobset("nixos:trunk");

        Assert.Equal((BinaryCacheRootKind.HydraJobset, "nixos:trunk"), (list.Kind, list.Origin));
        // 1 is older, 3 has failed, 4 is not finished; 5 is kept; 6 is another jobset's.
        Assert.Equal(["build-2-dev", "build-2-out", "build-5-out", "build-7-out"], list.Paths.Select(path => path.Name).Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public void Builds_are_found_by_number_and_by_being_kept()
    {
        var roots = New(out var hydra);

        Assert.Equal(["build-1-out"], roots.FromBuild(1).Paths.Select(path => path.Name));
        Assert.Equal(("build 1", BinaryCacheRootKind.HydraBuild), (roots.FromBuild(1).Origin, roots.FromBuild(1).Kind));
        Assert.Equal(["build-5-out", "build-6-out"], roots.FromKeptBuilds().Paths.Select(path => path.Name).Order(StringComparer.Ordinal));
        hydra.Execute("update builds set keep = 0");
        Assert.Equal("RootListEmpty", IdOf(() => roots.FromKeptBuilds()));
    }

    [SkippableFact]
    public void What_is_no_root_is_an_error()
    {
        var roots = New(out var hydra);

        Assert.Equal("HydraBuildNotFound", IdOf(() => roots.FromBuild(99)));
        Assert.Equal("HydraBuildNotSuccessful", IdOf(() => roots.FromBuild(3)));
        Assert.Equal("HydraBuildNotSuccessful", IdOf(() => roots.FromBuild(4)));
        Assert.Equal("HydraJobsetNotFound", IdOf(() => roots.FromJobset("nixos:'; drop table builds; --")));
        Assert.Equal("InvalidHydraJobset", IdOf(() => roots.FromJobset("nixos")));
        Assert.Equal("InvalidHydraJobset", IdOf(() => roots.FromJobset("nixos:a:b")));
        Assert.Equal("RootListEmpty", IdOf(() => roots.FromJobset("nixos:empty")));
        hydra.Execute("insert into buildoutputs values (2, 'bad', '/nix/store/../etc')");
        Assert.Equal("RootListCorrupt", IdOf(() => roots.FromJobset("nixos:trunk")));
        hydra.Execute("drop table buildoutputs");
        Assert.Equal("HydraTableMissing", IdOf(() => roots.FromBuild(1)));
    }

    private HydraRoots New(out HydraLab hydra)
    {
        hydra = server.NewHydra();
        hydra.Execute("""
            insert into jobsets (project, name) values ('nixos', 'trunk'), ('other', 'trunk'), ('nixos', 'empty');
            insert into builds (id, finished, buildstatus, keep, timestamp, jobset_id, job, drvPath, system, startTime, stopTime)
                select b.id, b.finished, b.status, b.keep, 1, b.jobset, b.job, 'd', 'x86_64-linux', 1, 1
                from (values (1, 1, 0, 0, 1, 'a'), (2, 1, 0, 0, 1, 'a'), (3, 1, 1, 0, 1, 'a'), (4, 0, null, 0, 1, 'a'), (5, 1, 0, 1, 1, 'b'), (6, 1, 0, 1, 2, 'a'), (7, 1, 0, 0, 1, 'b'))
                    as b (id, finished, status, keep, jobset, job);
            insert into buildoutputs (build, name, path) select id, 'out', '/nix/store/' || rpad(id::text, 32, '0') || '-build-' || id || '-out' from builds;
            insert into buildoutputs values (2, 'dev', '/nix/store/' || rpad('2d', 32, '0') || '-build-2-dev'), (2, 'doc', null);
            """);
        return new HydraRoots(hydra.Database, RootLab.Nix);
    }

    private static string IdOf(Action action) => Assert.ThrowsAny<NixStoreException>(action).ErrorId;
}
