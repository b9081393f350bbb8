using NixStore.Engine.Stores;

namespace NixStore.Engine.Tests.Stores;

public sealed class StoreUrlTests
{
    [Theory]
    [InlineData("local", "local", "")]
    [InlineData("auto", "auto", "")]
    [InlineData("daemon", "daemon", "")]
    [InlineData("local://", "local", "")]
    [InlineData("local:///mnt/a%20b", "local", "/mnt/a b")]
    [InlineData("/mnt/100%25", "local", "/mnt/100%25")]
    [InlineData("ssh-ng://root@host", "ssh-ng", "root@host")]
    [InlineData("s3://bucket?region=eu", "s3", "bucket")]
    public void Scheme_and_authority_are_taken_apart(string text, string scheme, string authority)
    {
        var url = StoreUrl.Parse(text);

        Assert.Equal((scheme, authority), (url.Scheme, url.Authority));
    }

    [Fact]
    public void Parameters_are_percent_decoded()
    {
        var url = StoreUrl.Parse("local?root=%2Fmnt%2Fa+b%26c%3Dd%C3%A4&read-only=true&log=");

        Assert.Equal("/mnt/a+b&c=dä", url.Parameters["root"]);
        Assert.Equal("true", url.Parameters["read-only"]);
        Assert.Equal("", url.Parameters["log"]);
    }

    [Theory]
    [InlineData("/plain")]
    [InlineData("/with space")]
    [InlineData("/100%")]
    [InlineData("/%41")]
    [InlineData("/a&b=c?d#e+f;g")]
    [InlineData("/päth/日本語 🦆")]
    [InlineData("/quote'\"back\\slash")]
    [InlineData("/new\nline")]
    public void Any_directory_survives_the_way_into_a_URL_and_back(string directory)
    {
        var url = new StoreUrl("local", "", new Dictionary<string, string> { ["root"] = directory, ["read-only"] = "true" });

        var again = StoreUrl.Parse(url.ToString());

        Assert.Equal(directory, again.Parameters["root"]);
        Assert.Equal("true", again.Parameters["read-only"]);
        Assert.Equal(url.ToString(), again.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("?root=/mnt")]
    [InlineData("relative/directory")]
    [InlineData("local?root")]
    [InlineData("local?=x")]
    public void What_is_no_store_URL_says_what_is(string text)
    {
        var error = Assert.Throws<NixStoreException>(() => StoreUrl.Parse(text));

        Assert.Equal(("InvalidStoreUrl", StoreErrorKind.InvalidArgument, text), (error.ErrorId, error.Kind, error.Target));
        Assert.NotNull(error.Remedy);
    }
}
