using NixStore.Caches.Http;
using NixStore.Caches.Tests.Support;

namespace NixStore.Caches.Tests.Http;

public sealed class NetrcTests
{
    private const string Text = """
        # a comment with machine in it
        machine cache.example.org login alice password s3cret
        machine
          other.example.org
          login bob account x
          password "two words \" and # more"
        macdef init
        machine trap.example.org login eve password eve

        machine nobody.example.org
        default login guest password guest
        machine late.example.org login late password late
        """;

    [Theory]
    [InlineData("cache.example.org", "alice", "s3cret")]
    [InlineData("CACHE.example.ORG", "alice", "s3cret")]
    [InlineData("other.example.org", "bob", "two words \" and # more")]
    [InlineData("trap.example.org", "guest", "guest")]
    [InlineData("late.example.org", "guest", "guest")]
    public void FindsTheFirstThatFits(string host, string login, string password)
        => Assert.Equal((login, password), Netrc.Parse(Text).Find(host));

    [Fact]
    public void AMachineWithoutLoginGetsNone() => Assert.Null(Netrc.Parse(Text).Find("nobody.example.org"));

    [Theory]
    [InlineData("")]
    [InlineData("machine")]
    [InlineData("machine x login")]
    [InlineData("login x password y")]
    [InlineData("machine x password \"open")]
    [InlineData("macdef")]
    public void OddFilesDoNoHarm(string text) => Assert.Null(Netrc.Parse(text).Find("y"));

    [Fact]
    public void AFileThatWasAskedForMustBeReadable()
    {
        using var directory = new TemporaryDirectory();
        var error = Assert.Throws<NixStoreException>(() => Netrc.Load(directory / "netrc"));
        Assert.Equal(("NetrcUnreadable", directory / "netrc"), (error.ErrorId, error.Target));
        File.WriteAllText(directory / "netrc", Text);
        Assert.NotNull(Netrc.Load(directory / "netrc").Find("cache.example.org"));
    }
}
