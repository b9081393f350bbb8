using System.Globalization;
using NixStore.Catalog.Graph;
using NixStore.Catalog.Storage;

namespace NixStore.Bench.Catalogs;

/// <summary>What building a graph of references and walking it from roots take.</summary>
internal static class GraphMeasurement
{
    /// <summary>From the Parquet files of a catalog to what is reached. A graph that is there already is only walked.</summary>
    internal static void OfCatalog(string directory, int roots)
    {
        var catalog = CacheCatalog.Open(directory);
        var chosen = new List<string>();
        using (var session = catalog.OpenSession())
        using (var rows = session.Query($"SELECT hash FROM narinfos WHERE hash(hash) % {Math.Max(1, catalog.Manifest[CatalogTable.NarInfos].Rows / roots)} = 0"))
        {
            while (rows.Read())
            {
                chosen.Add(rows.GetText(0));
            }
        }

        using var build = new Phase("graph built from Parquet files");
        using var graph = CatalogGraph.Open(catalog, Environment.ProcessorCount, null, CancellationToken.None);
        build.Dispose();
        using var walk = new Phase($"walk from {chosen.Count:N0} roots");
        var reached = graph.Reach(chosen, Environment.ProcessorCount, CancellationToken.None);
        walk.Dispose();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{reached.Count:N0} of {catalog.Manifest[CatalogTable.NarInfos].Rows:N0} narinfos reached, {reached.Levels} levels"));
    }

    /// <summary>From references that are computed to what is reached. A graph that is there already is only walked.</summary>
    internal static void OfSynthetic(string directory, SyntheticCache cache, int roots)
    {
        if (ReferenceGraph.TryOpen(directory) is null)
        {
            Directory.CreateDirectory(directory);
            using var build = new Phase("graph built from computed references");
            var summary = new ReferenceGraphBuilder(new SyntheticReferences(cache), Environment.ProcessorCount).Build(directory, CancellationToken.None);
            build.Dispose();
            Console.WriteLine(summary);
        }

        using var graph = ReferenceGraph.TryOpen(directory)!;
        var every = Math.Max(1, graph.Count / roots);
        using var walk = new Phase($"walk from {roots:N0} roots");
        var reached = Reachability.Walk(graph, Enumerable.Range(0, roots).Select(root => root * every), Environment.ProcessorCount);
        walk.Dispose();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{reached.Count:N0} of {graph.Count:N0} narinfos reached, {reached.Levels} levels"));
    }
}
