using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Pruning;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>A plan that was chosen on a cluster is the one of the embedded engine, byte for byte.</summary>
public abstract class ClusterPlanTests(ClickHouseServers servers)
{
    [Collection(nameof(OldClickHouseServers))]
    public sealed class OnOld(OldClickHouseServers servers) : ClusterPlanTests(servers);

    [Collection(nameof(CurrentClickHouseServers))]
    public sealed class OnCurrent(CurrentClickHouseServers servers) : ClusterPlanTests(servers);

    [SkippableFact]
    public void Some_random_plans_are_the_same() => Run(0, 4);

    [Trait("Category", "Soak")]
    [SkippableFact]
    public void Hundreds_of_random_plans_are_the_same() => Run(2000, 300);

    [SkippableFact]
    public void What_cannot_be_planned_is_refused_for_the_same_reason()
    {
        using var lab = new PruneLab();
        lab.Add("a", "package-a");
        lab.Add("b", "package-b");
        lab.Write();
        Same("CatalogHasNoRoots", new PruneRequest { Names = ["*"] });
        Same("CatalogHasNoRoots", new PruneRequest { Unreachable = true });
        Same("PrunePlanEmpty", new PruneRequest { Names = ["nothing"], KeepRoots = false });
        using (var writer = CatalogWriter.Open(lab.Folder))
        {
            writer.AddObjects((PruneLab.Hash("c") + ".narinfo", "2020-01-01"));
        }

        Same("CatalogNotUpToDate", new PruneRequest { Names = ["*"], KeepRoots = false });

        void Same(string errorId, PruneRequest request)
        {
            Assert.Equal(errorId, lab.PlanError(request));
            using var cluster = Copied(lab.Catalog);
            Assert.Equal(errorId, Assert.Throws<NixStoreException>(() => Plan(cluster, lab, request)).ErrorId);
        }
    }

    private void Run(int first, int count)
    {
        var (plans, paths) = (0, 0L);
        for (var seed = first; seed < first + count; seed++)
        {
            using var lab = new PruneLab();
            var random = new RandomPrune(seed, lab);
            lab.Write(withShared: seed % 2 == 0);
            var request = random.Request with { Prices = seed % 3 == 0 ? PriceListFile.Default : null };
            using var cluster = Copied(lab.Catalog);
            try
            {
                PrunePlan wanted;
                try
                {
                    wanted = lab.Plan(request);
                }
                catch (NixStoreException error)
                {
                    Assert.Equal(error.Message.Replace(lab.Folder, cluster.Location, StringComparison.Ordinal), Assert.Throws<NixStoreException>(() => Plan(cluster, lab, request)).Message);
                    continue;
                }

                var actual = Plan(cluster, lab, request);
                BothEngines.AssertSame(wanted, actual);

                // What is proved of it is proved by the catalog in the folder.
                Assert.Empty(lab.Failures(actual));
                (plans, paths) = (plans + 1, paths + wanted.Summary.PathCount);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                throw new Xunit.Sdk.XunitException($"Seed {seed}: {error}");
            }
        }

        // A test of nothing would pass as well.
        Assert.True(plans > count / 3 && paths > count, $"{plans} plans of {paths} paths");
    }

    private ClusterCatalog Copied(CacheCatalog catalog)
    {
        var address = servers.NewDatabase();
        CatalogCopy.From(catalog).ToCluster(address, false, default);
        return ClusterCatalog.Open(address);
    }

    private static PrunePlan Plan(ICatalog catalog, PruneLab lab, PruneRequest request)
        => PrunePlanner.Make(catalog, lab.NewFolder(), request with { Moment = PruneLab.Now, Author = "lab" });
}
