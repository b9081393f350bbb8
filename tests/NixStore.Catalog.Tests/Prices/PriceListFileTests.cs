using NixStore.Catalog.Prices;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Prices;

public sealed class PriceListFileTests : IDisposable
{
    private const string Least = """{ "name": "Ours", "date": "2026-01-31", "currency": "EUR", "storageClasses": { "STANDARD": { "storage": [ { "perGiBMonth": 0.01 } ] } } }""";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_list_of_the_module_has_all_classes_of_S3()
    {
        var list = PriceListFile.Default;
        Assert.Equal(("USD", new DateOnly(2025, 10, 28), "https://aws.amazon.com/s3/pricing/"), (list.Currency, list.Date, list.Source));
        Assert.Equal(
            ["DEEP_ARCHIVE", "GLACIER", "GLACIER_IR", "INTELLIGENT_TIERING", "INTELLIGENT_TIERING/ARCHIVE", "INTELLIGENT_TIERING/ARCHIVE_INSTANT_ACCESS",
                "INTELLIGENT_TIERING/DEEP_ARCHIVE", "INTELLIGENT_TIERING/INFREQUENT", "ONEZONE_IA", "REDUCED_REDUNDANCY", "STANDARD", "STANDARD_IA"],
            list.StorageClasses.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([(51200m, 0.023m), (512000m, 0.022m), (null, 0.021m)], list.Standard.Storage.Select(tier => (tier.UpToGiB, tier.PerGiBMonth)));
        Assert.Equal((128 * 1024, 30, 0.01m), (list.StorageClasses["STANDARD_IA"].MinimumBytes, list.StorageClasses["STANDARD_IA"].MinimumDays, list.StorageClasses["STANDARD_IA"].RetrievalPerGiB));
        Assert.Equal((0.005m, 0m), (list.ListPer1000, list.DeletePer1000));
    }

    [Fact]
    public void What_is_left_out_costs_nothing()
    {
        var list = Read(Least);
        Assert.Equal(("Ours", new DateOnly(2026, 1, 31), "EUR", null), (list.Name, list.Date, list.Currency, list.Source));
        Assert.Equal((0m, 0m, 0L, 0, 0m), (list.ListPer1000, list.Standard.GetPer1000, list.Standard.MinimumBytes, list.Standard.MinimumDays, list.Standard.RetrievalPerGiB));
    }

    [Theory]
    [InlineData("\"Ours\"", "5", "name is no text")]
    [InlineData("\"Ours\"", "\"\"", "name is missing")]
    [InlineData("2026-01-31", "31.1.2026", "date is no day")]
    [InlineData("EUR", "Euro", "currency is none")]
    [InlineData("\"currency\"", "\"curency\"", "curency is no field")]
    [InlineData("0.01", "-0.01", "storageClasses.STANDARD.storage[0].perGiBMonth is no number")]
    [InlineData("0.01", "\"0.01\"", "storageClasses.STANDARD.storage[0].perGiBMonth is no number")]
    [InlineData("\"perGiBMonth\"", "\"perGBMonth\"", "storageClasses.STANDARD.storage[0].perGBMonth is no field")]
    [InlineData("[ { \"perGiBMonth\": 0.01 } ]", "[]", "storageClasses.STANDARD.storage is no list")]
    [InlineData("[ { \"perGiBMonth\": 0.01 } ]", "0.01", "storageClasses.STANDARD.storage is no list")]
    [InlineData("[ { \"perGiBMonth\": 0.01 } ]", "[ 0.01 ]", "storageClasses.STANDARD.storage[0] is no object")]
    [InlineData("{ \"perGiBMonth\": 0.01 }", "{ \"upToGiB\": 5, \"perGiBMonth\": 0.01 }", "storageClasses.STANDARD.storage has no last tier")]
    [InlineData("{ \"perGiBMonth\": 0.01 }", "{ \"perGiBMonth\": 0.01 }, { \"perGiBMonth\": 0.01 }", "storageClasses.STANDARD.storage[1] comes after")]
    [InlineData("{ \"perGiBMonth\": 0.01 }", "{ \"upToGiB\": 5, \"perGiBMonth\": 1 }, { \"upToGiB\": 5, \"perGiBMonth\": 1 }, { \"perGiBMonth\": 1 }", "storageClasses.STANDARD.storage[1].upToGiB is not more")]
    [InlineData("{ \"perGiBMonth\": 0.01 }", "{ }", "storageClasses.STANDARD.storage[0].perGiBMonth is missing")]
    [InlineData("\"STANDARD\": {", "\"STANDARD\": { \"minimumDays\": 1.5,", "storageClasses.STANDARD.minimumDays is no whole number")]
    [InlineData("\"STANDARD\"", "\"COLD\"", "storageClasses.STANDARD is missing")]
    [InlineData("\"STANDARD\": {", "\"STANDARD\": { \"storage\": [ { \"perGiBMonth\": 1 } ] }, \"STANDARD\": {", "storageClasses.STANDARD is there twice")]
    [InlineData("\"storageClasses\": {", "\"storageClasses\": [], \"x\": {", "x is no field")]
    [InlineData("{ \"name\"", "[ \"name\"", "it is no JSON")]
    public void What_is_wrong_is_named(string what, string with, string message)
    {
        var error = Assert.Throws<NixStoreException>(() => Read(Least.Replace(what, with, StringComparison.Ordinal)));
        Assert.Equal(("PriceListInvalid", StoreErrorKind.InvalidData), (error.ErrorId, error.Kind));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public void A_list_that_is_not_there_is_an_error()
        => Assert.Equal("PriceListNotFound", Assert.Throws<NixStoreException>(() => PriceListFile.Read(_directory / "nowhere.json")).ErrorId);

    [Fact]
    public void Something_else_than_an_object_is_an_error()
        => Assert.Contains("it is no object", Assert.Throws<NixStoreException>(() => Read("[]")).Message, StringComparison.Ordinal);

    private PriceList Read(string text)
    {
        File.WriteAllText(_directory / "prices.json", text);
        return PriceListFile.Read(_directory / "prices.json");
    }
}
