using System.Security.Cryptography;
using System.Text;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;
using Xunit.Abstractions;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>Three million narinfos: every question, on a cluster and by the embedded engine, compared in full.</summary>
[Trait("Category", "Soak")]
[Collection(nameof(OldClickHouseServers))]
public sealed class ClusterScaleTests(OldClickHouseServers servers, ClusterScaleTests.Generated generated, ITestOutputHelper output) : IClassFixture<ClusterScaleTests.Generated>
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [SkippableFact]
    public void All_paths_are_the_same()
    {
        var found = Same(catalog => catalog.Find(new NarInfoFilter(), default));
        Assert.Equal(generated.Answers.Paths, found);
    }

    [SkippableFact]
    public void What_roots_lead_to_is_the_same_with_its_steps() => Same(catalog =>
    {
        using var reached = catalog.Reach(s_now, null, default);
        return catalog.Find(new NarInfoFilter { Reachability = reached, MinimumSize = 100_000 }, default).ToList();
    });

    [SkippableTheory]
    [InlineData(BinaryCacheGrouping.None)]
    [InlineData(BinaryCacheGrouping.Month)]
    [InlineData(BinaryCacheGrouping.PackageName)]
    [InlineData(BinaryCacheGrouping.System)]
    [InlineData(BinaryCacheGrouping.Compression)]
    [InlineData(BinaryCacheGrouping.StorageClass)]
    [InlineData(BinaryCacheGrouping.Kind)]
    [InlineData(BinaryCacheGrouping.Reachability)]
    public void Measures_are_the_same(BinaryCacheGrouping by) => Same(catalog => catalog.Measure(by, new MeasureOptions { Prices = PriceListFile.Default, Moment = s_now }, default));

    [SkippableTheory]
    [InlineData(BinaryCacheOrphanKind.UnknownToHydra)]
    [InlineData(BinaryCacheOrphanKind.NarWithoutNarInfo)]
    [InlineData(BinaryCacheOrphanKind.NarInfoWithoutNar)]
    [InlineData(BinaryCacheOrphanKind.DanglingReference)]
    public void Orphans_are_the_same(BinaryCacheOrphanKind kind)
    {
        Same(catalog => catalog.FindOrphans(kind, new(), default));
        Same(catalog => catalog.CountOrphansPerDay(kind, new(), default));
    }

    /// <summary>Compares all items, in whatever order; returns how many they are.</summary>
    private long Same<T>(Func<ICatalog, IEnumerable<T>> ask)
    {
        var wanted = Digest(generated.Folder, ask);
        Assert.Equal(wanted, Digest(generated.OnCluster(servers), ask));
        Assert.True(wanted.Count > 0);
        output.WriteLine($"{wanted.Count} of {typeof(T).Name} are the same.");
        return wanted.Count;
    }

    private static (long Count, UInt128 Sum) Digest<T>(ICatalog catalog, Func<ICatalog, IEnumerable<T>> ask)
    {
        var (count, sum) = (0L, UInt128.Zero);
        foreach (var item in ask(catalog))
        {
            sum += System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(CatalogTables.Text(item, catalog))));
            count++;
        }

        return (count, sum);
    }

    public sealed class Generated() : GeneratedCatalog(3_000_000);
}
