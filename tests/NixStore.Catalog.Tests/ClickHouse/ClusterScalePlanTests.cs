using NixStore.Catalog.Prices;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Tests.Support;
using Xunit.Abstractions;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>Three million narinfos: plans on a cluster and by the embedded engine, byte for byte.</summary>
[Trait("Category", "Soak")]
[Collection(nameof(OldClickHouseServers))]
public sealed class ClusterScalePlanTests(OldClickHouseServers servers, ClusterScalePlanTests.Generated generated, ITestOutputHelper output) : IClassFixture<ClusterScalePlanTests.Generated>
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_plan_is_the_same_byte_for_byte(bool unreachable)
    {
        using var directory = new TemporaryDirectory();
        var request = new PruneRequest { Unreachable = unreachable, KeepRoots = unreachable, Names = unreachable ? [] : ["nixos-*.iso", "nixos-*.img", "*-source*"], Moment = s_now, Author = "test", Prices = PriceListFile.Default };
        var wanted = PrunePlanner.Make(generated.Folder, directory / "folder.plan", request);
        BothEngines.AssertSame(wanted, PrunePlanner.Make(generated.OnCluster(servers), directory / "cluster.plan", request));
        Assert.True(wanted.Summary.PathCount > 100);
        output.WriteLine($"A plan of {wanted.Summary.PathCount} paths is the same.");
    }

    public sealed class Generated() : GeneratedCatalog(3_000_000, isAmiss: false);
}
