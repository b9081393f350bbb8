using NixStore.Catalog.Prices;

namespace NixStore.Catalog.Tests.Prices;

public sealed class StoragePriceTests
{
    private const long GiB = 1L << 30;
    private const long TiB = 1L << 40;

    // By hand: 50 TiB at 0.023 are 1177.60; 450 TiB at 0.022 are 10137.60; what is beyond is at 0.021, 220 TiB of 720 being 4730.88.
    [Theory]
    [InlineData(0, "0")]
    [InlineData(GiB, "0.023")]
    [InlineData(50 * TiB, "1177.6")]
    [InlineData((50 * TiB) + GiB, "1177.622")]
    [InlineData(500 * TiB, "11315.2")]
    [InlineData(720 * TiB, "16046.08")]
    public void Each_tier_has_its_price(long bytes, string cost)
        => Assert.Equal(decimal.Parse(cost, System.Globalization.CultureInfo.InvariantCulture), PriceListFile.Default.Standard.StorageCost(bytes));
}
