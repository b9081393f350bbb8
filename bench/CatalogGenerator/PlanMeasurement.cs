using System.Globalization;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Pruning.Certificates;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Storage;

namespace NixStore.Bench.Catalogs;

/// <summary>What making a plan to prune a cache and proving it take.</summary>
internal static class PlanMeasurement
{
    // The end of the time in which the synthetic cache was filled.
    private static readonly DateTimeOffset s_now = new(2026, 1, 6, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Plans to remove all that so many roots do not lead to. A catalog that has roots keeps them.</summary>
    internal static void Make(string directory, string plan, int roots)
    {
        AddRoots(directory, roots);
        var catalog = CacheCatalog.Open(directory);
        using (new Phase("graph, if there is none"))
        {
            RootReachability.Open(catalog, s_now).Dispose();
        }

        Phase? phase = null;
        using var all = new Phase("the plan in all");
        var made = PrunePlanner.Make(catalog, plan, new PruneRequest
        {
            Unreachable = true,
            Prices = PriceListFile.Default,
            Moment = s_now,
            Author = "bench",
            Report = what =>
            {
                phase?.Dispose();
                phase = new Phase("  " + what);
            },
        });
        phase?.Dispose();
        all.Dispose();
        Console.WriteLine(made.Summary);
        Console.WriteLine(string.Join(", ", made.Summary.Classes) + "; " + string.Join(", ", made.Summary.Kept));
    }

    /// <summary>Proves a plan.</summary>
    internal static void Prove(string directory, string plan)
    {
        Phase? phase = null;
        using var all = new Phase("the certificate in all");
        foreach (var check in new PruneCertificate(CacheCatalog.Open(directory), PrunePlan.Open(plan)).Run(Next))
        {
            Console.WriteLine(check);
        }

        phase?.Dispose();

        void Next(string what)
        {
            phase?.Dispose();
            phase = new Phase("  " + what);
        }
    }

    private static void AddRoots(string directory, int roots)
    {
        var catalog = CacheCatalog.Open(directory);
        if (catalog.Manifest[CatalogTable.Roots].Rows > 0)
        {
            return;
        }

        var paths = new List<StorePath>();
        using (var session = catalog.OpenSession())
        using (var rows = session.Query(string.Create(CultureInfo.InvariantCulture, $"SELECT hash, pname FROM narinfos WHERE hash(hash) % {Math.Max(1, catalog.Manifest[CatalogTable.NarInfos].Rows / roots)} = 0")))
        {
            while (rows.Read())
            {
                paths.Add(StorePath.FromParts(rows.GetText(0), rows.GetText(1)));
            }
        }

        using var writer = CatalogWriter.Open(directory);
        RootTable.Add(writer, [new RootList(BinaryCacheRootKind.StorePath, "bench", paths)], DateTimeOffset.UnixEpoch, null);
    }
}
