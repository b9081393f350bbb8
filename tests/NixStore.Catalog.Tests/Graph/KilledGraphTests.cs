using NixStore.Bench.Catalogs;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Graph;

/// <summary>Building of a graph that gets a real SIGKILL, each time at another moment.</summary>
public sealed class KilledGraphTests
{
    [Fact]
    public void The_graph_is_that_of_an_undisturbed_run_byte_for_byte() => Kill(3);

    [Fact]
    [Trait("Category", "Soak")]
    public void Also_at_a_hundred_moments() => Kill(100);

    private static void Kill(int kills)
    {
        using var directory = new TemporaryDirectory();
        var catalog = directory / "catalog";
        new CatalogGenerator(new SyntheticCache(new GeneratorOptions { Count = 60_000, Rebuild = 3000, PartSize = 20_000 })).Write(catalog);
        var wanted = KilledRun.Undisturbed(catalog, out var time, "walk", catalog, "50");
        Assert.Contains(wanted.Keys, name => name.StartsWith("graph/", StringComparison.Ordinal));
        var killed = 0;
        for (var n = 0; n < kills; n++)
        {
            killed += KilledRun.Kill(ref time, 0.2 + (0.8 * n / kills), () => Directory.Delete(Path.Combine(catalog, "graph"), recursive: true), "walk", catalog, "50") ? 1 : 0;
            Assert.True(KilledRun.Run(null, "walk", catalog, "50"));
            Assert.Equal(wanted, Folders.Read(catalog));
        }

        Assert.True(killed > kills / 2);
    }
}
