using System.Text;
using NixStore.Engine.Archive;
using NixStore.Engine.Tests.Support;
using static NixStore.Engine.Tests.Support.NarText;

namespace NixStore.Engine.Tests.Archive;

public sealed class NarListingTests
{
    // Written by Nix 2.34.8 with write-nar-listing=true for the tree that Sample is the archive of.
    private const string Golden = """
        {"root":{"entries":{"d":{"entries":{"e":{"entries":{},"type":"directory"},"f":{"narOffset":536,"size":3,"type":"regular"}},"type":"directory"},"empty":{"narOffset":760,"size":0,"type":"regular"},"sl\"a\\b\nc":{"narOffset":944,"size":0,"type":"regular"},"x":{"entries":{"l":{"target":"../foo","type":"symlink"},"run":{"executable":true,"narOffset":1488,"size":2,"type":"regular"}},"type":"directory"},"ü":{"narOffset":1712,"size":1,"type":"regular"}},"type":"directory"},"version":1}
        """;

    private static byte[] Sample => NarText.Archive(Folder(
        ("d", Folder(("e", Folder()), ("f", File("hi\n")))), ("empty", File("")), ("sl\"a\\b\nc", File("")),
        ("x", Folder(("l", Link("../foo")), ("run", File("#!", executable: true)))), ("\xc3\xbc", File("\n"))));

    [Fact]
    public void WritesWhatNixWrites()
        => Assert.Equal(Golden, Encoding.UTF8.GetString(NarListingWriter.Write(Read(Sample))));

    [Fact]
    public void ReadsWhatNixWrites()
        => Assert.Equal(Golden, Encoding.UTF8.GetString(NarListingWriter.Write(NarListingReader.Read(Encoding.UTF8.GetBytes(Golden)))));

    [Fact]
    public void WritesARootThatIsAFile()
        => Assert.Equal("""{"root":{"narOffset":96,"size":2,"type":"regular"},"version":1}""", Encoding.UTF8.GetString(NarListingWriter.Write(Read(NarText.Archive(File("a\n"))))));

    [Fact]
    public void FindsByPath()
    {
        var listing = Read(Sample);
        Assert.Same(listing.Root, listing.Find(default));
        Assert.True(Assert.IsType<NarListingEntry.Regular>(listing.Find("x/run"u8)).IsExecutable);
        Assert.Equal("../foo", Assert.IsType<NarListingEntry.Link>(listing.Find("x/l"u8)).Target.ToString());
        Assert.Null(listing.Find("x/l/y"u8));
        Assert.Null(listing.Find("x/nothing"u8));
    }

    [Fact]
    public void HashesContentsWhenAsked()
    {
        using var reader = new NarReader(new MemoryStream(Sample));
        var file = Assert.IsType<NarListingEntry.Regular>(NarListing.Read(reader, hashContents: true).Find("empty"u8));
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", file.Sha256!.ToBase16());
        Assert.Null(Assert.IsType<NarListingEntry.Regular>(Read(Sample).Find("empty"u8)).Sha256);
    }

    [Fact]
    public void RefusesToWriteNamesThatJsonCannotHold()
    {
        var error = Assert.Throws<NixStoreException>(() => NarListingWriter.Write(Read(NarText.Archive(Folder(("latin1-\xe9", File("")))))));
        Assert.Equal("NameNotUtf8", error.ErrorId);
        Assert.Contains("latin1-\\xe9", error.Message);
    }

    [Fact]
    public void ReadsNamesAsBytesWithEscapes()
    {
        byte[] json = [.. """{"version":1,"root":{"type":"directory","entries":{"caf"""u8, 0xe9, .. "\":{\"type\":\"symlink\",\"target\":\"\\u00fc\\ud83d\\ude00\\/\\t\"}}}}"u8];
        var listing = NarListingReader.Read(json);
        var link = Assert.IsType<NarListingEntry.Link>(listing.Find([.. "caf"u8, 0xe9]));
        Assert.Equal("ü😀/\t", link.Target.ToString());
    }

    [Fact]
    public void SkipsWhatItDoesNotKnow()
    {
        var listing = NarListingReader.Read("""{"new":[{}],"root":{"more":{"a":[1]},"type":"regular","size":7},"version":1}"""u8);
        Assert.Equal(new NarListingEntry.Regular(7, false, null), listing.Root);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"version":1}""")]
    [InlineData("""{"version":1,"root":[]}""")]
    [InlineData("""{"version":1,"root":{"type":"regular"}}""")]
    [InlineData("""{"version":1,"root":{"type":"regular","size":-1}}""")]
    [InlineData("""{"version":1,"root":{"type":"regular","size":"1"}}""")]
    [InlineData("""{"version":1,"root":{"type":"directory"}}""")]
    [InlineData("""{"version":1,"root":{"type":"symlink"}}""")]
    [InlineData("""{"version":1,"root":{"type":"fifo"}}""")]
    [InlineData("""{"version":1,"root":{"type":"directory","entries":{"a":1}}}""")]
    [InlineData("""{"version":1,"root":{"type":"directory","entries":{"..":{"type":"regular","size":1}}}}""")]
    [InlineData("""{"version":1,"root":{"type":"directory","entries":{"a/b":{"type":"regular","size":1}}}}""")]
    [InlineData("""{"version":1,"root":{"type":"directory","entries":{"":{"type":"regular","size":1}}}}""")]
    [InlineData("""{"version":1,"root":{"type":"directory","entries":{"a":{"type":"regular","size":1},"a":{"type":"regular","size":1}}}}""")]
    [InlineData("""{"version":1,"root":{"type":"directory","entries":{"\ud800":{"type":"regular","size":1}}}}""")]
    [InlineData("""{"version":1,"root":{"type":"regular","size":1}} x""")]
    public void RefusesWhatIsNoListing(string json)
        => Assert.Equal("InvalidNarListing", Assert.Throws<NixStoreException>(() => NarListingReader.Read(Encoding.UTF8.GetBytes(json))).ErrorId);

    [Fact]
    public void SaysWhenTheVersionIsAnother()
        => Assert.Equal("UnsupportedNarListing", Assert.Throws<NixStoreException>(
            () => NarListingReader.Read("""{"version":2,"root":{"type":"regular","size":1}}"""u8)).ErrorId);

    [Fact]
    public void HandlesDeepTrees()
    {
        using var reader = new NarReader(new MemoryStream(NarText.Archive(Nested(4000, File("x")))), NarLimits.Existing);
        var json = NarListingWriter.Write(NarListing.Read(reader));
        Assert.Equal(json, NarListingWriter.Write(NarListingReader.Read(json)));
    }

    private static NarListing Read(byte[] archive)
    {
        using var reader = new NarReader(new MemoryStream(archive));
        return NarListing.Read(reader);
    }
}
