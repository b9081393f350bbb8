namespace NixStore.Engine.Tests.Model;

public sealed class ByteStringTests
{
    [Fact]
    public void ComparesByBytes()
    {
        var strings = new[] { "ü", "z", "Z", "a-", "a", "" }.Select(ByteString.FromText).Append(new ByteString([0xff])).Order().ToList();
        Assert.Equal(["", "Z", "a", "a-", "z", "ü", "\\xff"], strings.Select(s => s.ToString()));
    }

    [Fact]
    public void DefaultIsEmpty()
    {
        Assert.True(default(ByteString).IsEmpty);
        Assert.Equal(ByteString.FromText(""), default);
        Assert.Equal(ByteString.FromText("").GetHashCode(), default(ByteString).GetHashCode());
        Assert.Equal("", default(ByteString).ToString());
    }

    [Fact]
    public void EqualBytesAreEqual()
    {
        Assert.True(ByteString.FromText("ab") == new ByteString("ab"u8));
        Assert.True(ByteString.FromText("ab") != new ByteString("ac"u8));
        Assert.False(ByteString.FromText("ab").Equals("ab"));
    }
}
