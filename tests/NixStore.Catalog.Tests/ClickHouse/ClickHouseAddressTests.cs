using NixStore.Catalog.ClickHouse;

namespace NixStore.Catalog.Tests.ClickHouse;

public sealed class ClickHouseAddressTests
{
    private const string Address = "clickhouse://host/catalog?cluster=lab";

    [Theory]
    [InlineData(Address, "a\r\nX-Other: b", "x")]
    [InlineData(Address, "a", "sesame\n")]
    [InlineData(Address, "a", "se\0same")]
    [InlineData(Address, "a:b", "x")]
    [InlineData(Address + "&user=a%0D%0AX-Other:%20b", null, null)]
    [InlineData(Address + "&user=a&password=sesame%0A", null, null)]
    [InlineData("clickhouse://a:sesame%00@host/catalog?cluster=lab", null, null)]
    [InlineData("clickhouse:/a:sesame@host/catalog?cluster=lab", null, null)]
    [InlineData("clickhouse:a:sesame@host/catalog?cluster=lab", null, null)]
    public void What_would_be_more_than_a_user_and_a_password_is_neither(string address, string? user, string? password)
    {
        Assert.True(ClickHouseAddress.IsAddress(address));
        var error = Assert.Throws<NixStoreException>(() => ClickHouseAddress.Parse(address, user, password));
        Assert.Equal("ClickHouseAddressInvalid", error.ErrorId);
        Assert.DoesNotContain("same", $"{error.Message} {error.Target} {error.Remedy}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Code: 168, e.displayText() = DB::Exception: AST is too big. Maximum: 500000, e.what() = DB::Exception", "CatalogQueryTooLarge")]
    [InlineData("Code: 167. DB::Exception: AST is too deep. Maximum: 1000 (TOO_DEEP_AST)", "CatalogQueryTooLarge")]
    [InlineData("Code: 62, e.displayText() = DB::Exception: Syntax error: failed at position 262132: '00. Max query size exceeded, e.what() = DB::Exception", "CatalogQueryTooLarge")]
    [InlineData("Code: 62, e.displayText() = DB::Exception: Syntax error: failed at position 8: FROMM, e.what() = DB::Exception", "CatalogQueryInvalid")]
    public void What_is_too_large_says_what_to_do(string text, string errorId)
    {
        var error = ClickHouseException.From("host:1", text);
        Assert.Equal(errorId, error.ErrorId);
        Assert.NotNull(error.Remedy);
    }
}
