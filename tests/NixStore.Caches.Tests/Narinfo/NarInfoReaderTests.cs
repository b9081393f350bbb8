using NixStore.Caches.Narinfo;

namespace NixStore.Caches.Tests.Narinfo;

public sealed class NarInfoReaderTests
{
    private const string Path = "/nix/store/v47c330my7x4cg2v2il45xcap019zfgh-src";

    private const string Good =
        $"""
        StorePath: {Path}
        URL: nar/1xvr77kpmal6q3d8mph38d7fmx0kc85pnbk2qdvp3v9z45pg4khp.nar.xz
        Compression: xz
        FileHash: sha256:1xvr77kpmal6q3d8mph38d7fmx0kc85pnbk2qdvp3v9z45pg4khp
        FileSize: 192
        NarHash: sha256:0hc7x4mami1jj3iay66b0qs9lm2ipl1hhsckccbxcn882rk6f1s5
        NarSize: 480
        References: 0bfih43a5pq1w9g5z24xpgpg658kp712-dep v47c330my7x4cg2v2il45xcap019zfgh-src
        Deriver: 1r3m803950w0pmlaqjzscjh7w4ywdpcf-src.drv
        Sig: a-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==
        Sig: b-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==
        CA: fixed:r:sha256:0hc7x4mami1jj3iay66b0qs9lm2ipl1hhsckccbxcn882rk6f1s5

        """;

    [Fact]
    public void ReadsEveryField()
    {
        var narInfo = Parse(Good);
        Assert.Equal("v47c330my7x4cg2v2il45xcap019zfgh-src", narInfo.Path.BaseName);
        Assert.Equal("nar/1xvr77kpmal6q3d8mph38d7fmx0kc85pnbk2qdvp3v9z45pg4khp.nar.xz", narInfo.Url);
        Assert.Equal("xz", narInfo.Compression);
        Assert.Equal("sha256:1xvr77kpmal6q3d8mph38d7fmx0kc85pnbk2qdvp3v9z45pg4khp", narInfo.FileHash!.ToString());
        Assert.Equal(192, narInfo.FileSize);
        Assert.Equal("sha256:0hc7x4mami1jj3iay66b0qs9lm2ipl1hhsckccbxcn882rk6f1s5", narInfo.Info.NarHash.ToString());
        Assert.Equal(480, narInfo.Info.NarSize);
        Assert.Equal(["0bfih43a5pq1w9g5z24xpgpg658kp712-dep", "v47c330my7x4cg2v2il45xcap019zfgh-src"], narInfo.Info.References.Select(r => r.BaseName));
        Assert.Equal("1r3m803950w0pmlaqjzscjh7w4ywdpcf-src.drv", narInfo.Info.Deriver!.BaseName);
        Assert.Equal(["a-1", "b-1"], narInfo.Info.Signatures.Select(s => s.KeyName));
        Assert.Equal(ContentAddressMethod.Nar, narInfo.Info.ContentAddress!.Method);
        Assert.Equal(Good, NarInfoWriter.ToText(narInfo, StoreDirectory.Default));
    }

    [Fact]
    public void CarriageReturnsBlankLinesAndUnknownKeysAreToleratedAndTidied()
    {
        var wild = "\r\n" + Good.Replace("\n", "\r\n").Replace("NarSize", "\r\nX-Cache: what\r\nNarSize");
        Assert.Equal(Good, NarInfoWriter.ToText(Parse(wild), StoreDirectory.Default));
    }

    [Fact]
    public void OtherNotationsGiveTheSame()
    {
        var hash = NixHash.Parse("sha256:0hc7x4mami1jj3iay66b0qs9lm2ipl1hhsckccbxcn882rk6f1s5");
        foreach (var notation in new[] { hash.ToDatabaseString(), hash.ToSri() })
        {
            Assert.Equal(hash, Parse(Change("NarHash", notation)).Info.NarHash);
        }

        var unsorted = Change("References", "v47c330my7x4cg2v2il45xcap019zfgh-src 0bfih43a5pq1w9g5z24xpgpg658kp712-dep  v47c330my7x4cg2v2il45xcap019zfgh-src ");
        Assert.Equal(Good, NarInfoWriter.ToText(Parse(unsorted), StoreDirectory.Default));
    }

    [Theory]
    [InlineData("Deriver: unknown-deriver")]
    [InlineData("Deriver: ")]
    public void AnUnknownDeriverIsNone(string line) => Assert.Null(Parse(ChangeLine("Deriver", line)).Info.Deriver);

    [Theory]
    [InlineData("References: ")]
    [InlineData("References:")]
    public void NoReferencesAreNone(string line) => Assert.Empty(Parse(ChangeLine("References", line)).Info.References);

    [Fact]
    public void OldNarInfosAreShort()
    {
        var narInfo = Parse($"StorePath: {Path}\nURL: x.nar.bz2\nNarHash: sha256:0hc7x4mami1jj3iay66b0qs9lm2ipl1hhsckccbxcn882rk6f1s5\nNarSize: 480\n");
        Assert.Equal("bzip2", narInfo.Compression);
        Assert.Null(narInfo.FileHash);
        Assert.Null(narInfo.FileSize);
        Assert.Null(narInfo.Info.ContentAddress);
        Assert.Empty(narInfo.Info.References);
    }

    [Fact]
    public void MalformedSignaturesAreKeptApart()
    {
        var narInfo = Parse(Good + "Sig: nonsense\nSig: nonsense\nSig: c-1:abcd\n");
        Assert.Equal(2, narInfo.Info.Signatures.Count);
        Assert.Equal(["nonsense", "c-1:abcd"], narInfo.MalformedSignatures);
        Assert.Contains("Sig: nonsense\n", NarInfoWriter.ToText(narInfo, StoreDirectory.Default));
    }

    [Fact]
    public void CompressionsNobodyKnowsCanBeRead() => Assert.Equal("lzip", Parse(Change("Compression", "lzip")).Compression);

    [Theory]
    [InlineData("StorePath", "v47c330my7x4cg2v2il45xcap019zfgh-src", "no store path", 1)]
    [InlineData("StorePath", "/nix/store/../v47c330my7x4cg2v2il45xcap019zfgh-src", "no store path", 1)]
    [InlineData("StorePath", "/other/v47c330my7x4cg2v2il45xcap019zfgh-src", "no store path", 1)]
    [InlineData("StorePath", "/nix/store/v47c330my7x4cg2v2il45xcap019zfgh-src/bin", "no store path", 1)]
    [InlineData("FileHash", "sha256:xyz", "bad hash", 4)]
    [InlineData("FileSize", "-1", "invalid FileSize", 5)]
    [InlineData("FileSize", "99999999999999999999", "invalid FileSize", 5)]
    [InlineData("NarHash", "1r3m", "bad hash", 6)]
    [InlineData("NarHash", "md5:d41d8cd98f00b204e9800998ecf8427e", "not a SHA-256", 6)]
    [InlineData("NarSize", "0", "NarSize missing or zero", 0)]
    [InlineData("NarSize", "48 0", "invalid NarSize", 7)]
    [InlineData("NarSize", "0x10", "invalid NarSize", 7)]
    [InlineData("References", "../../etc/passwd", "no store path", 8)]
    [InlineData("References", "/nix/store/v47c330my7x4cg2v2il45xcap019zfgh-src", "no store path", 8)]
    [InlineData("Deriver", "x.drv", "no store path", 9)]
    [InlineData("CA", "fixed:nonsense", "bad content address", 12)]
    [InlineData("URL", "", "the URL is empty", 2)]
    [InlineData("URL", "/etc/passwd", "not relative", 2)]
    [InlineData("URL", "//evil.example/x", "not relative", 2)]
    [InlineData("URL", "../x", "out of the cache", 2)]
    [InlineData("URL", "nar/../../x", "out of the cache", 2)]
    [InlineData("URL", "nar/%2e%2e/%2E%2e/x", "out of the cache", 2)]
    [InlineData("URL", "nar/%252e%252e/x", "out of the cache", 2)]
    [InlineData("URL", "nar/%2f..%2fx", "out of the cache", 2)]
    [InlineData("URL", "nar//x", "out of the cache", 2)]
    [InlineData("URL", @"nar\..\x", "backslash", 2)]
    [InlineData("URL", "nar/x y", "white space", 2)]
    [InlineData("URL", "nar/x\0", "control characters", 2)]
    [InlineData("URL", "file:///etc/passwd", "scheme", 2)]
    [InlineData("URL", "ftp://evil.example/x", "scheme", 2)]
    [InlineData("URL", "https://user:pass@evil.example/x", "password", 2)]
    [InlineData("URL", "https://", "cannot be parsed", 2)]
    public void HostileOrDamagedFieldsAreNamedWithTheirLine(string field, string value, string reason, int line)
    {
        var error = Assert.Throws<NarInfoCorruptException>(() => Parse(Change(field, value)));
        Assert.Equal(("NarInfoCorrupt", StoreErrorKind.InvalidData, "x.narinfo", line), (error.ErrorId, error.Kind, error.Target, error.Line));
        Assert.Contains(reason, error.Reason);
        Assert.Contains("x.narinfo", error.Message);
    }

    [Theory]
    [InlineData("nar/x.nar?hash=..%2f&y=//")]
    [InlineData("x")]
    [InlineData("https://other.example/nar/x.nar")]
    [InlineData("nar/a..b/x")]
    public void HarmlessUrlsPass(string url) => Assert.Equal(url, Parse(Change("URL", url)).Url);

    [Theory]
    [InlineData("StorePath")]
    [InlineData("URL")]
    [InlineData("NarHash")]
    [InlineData("NarSize")]
    public void RequiredFieldsAreRequired(string field)
    {
        var error = Assert.Throws<NarInfoCorruptException>(() => Parse(ChangeLine(field, "X: y")));
        Assert.StartsWith($"{field} missing", error.Reason);
        Assert.Equal(0, error.Line);
    }

    [Theory]
    [InlineData("no colon here\n", "expecting ':'", 13)]
    [InlineData("Sig: cut", "expecting '\\n'", 13)]
    [InlineData("References: 0bfih43a5pq1w9g5z24xpgpg658kp712-dep\n", "extra References", 13)]
    [InlineData("CA: text:sha256:0hc7x4mami1jj3iay66b0qs9lm2ipl1hhsckccbxcn882rk6f1s5\n", "extra CA", 13)]
    public void BadLinesAreNamed(string added, string reason, int line)
    {
        var error = Assert.Throws<NarInfoCorruptException>(() => Parse(Good + added));
        Assert.Equal((reason, line), (error.Reason, error.Line));
    }

    [Fact]
    public void EveryTruncationIsAnError()
    {
        // Cutting between the optional last lines leaves a narinfo that is whole, for all one can know.
        var required = Good.IndexOf("References", StringComparison.Ordinal);
        for (var length = 0; length < Good.Length; length++)
        {
            if (length < required || Good[length - 1] != '\n')
            {
                Assert.Throws<NarInfoCorruptException>(() => Parse(Good[..length]));
            }
        }
    }

    [Fact]
    public void SizesAreLimited()
    {
        Assert.Contains("larger", Assert.Throws<NarInfoCorruptException>(() => NarInfoReader.Parse(new byte[NarInfoReader.MaximumFileSize + 1], StoreDirectory.Default, "x.narinfo")).Reason);
        Assert.Contains("line longer", Assert.Throws<NarInfoCorruptException>(() => Parse(Good + $"X: {new string('x', 100_000)}\n")).Reason);
        var many = string.Join(' ', Enumerable.Range(0, 5000).Select(i => $"{i.ToString("D32").Replace('e', 'a')}-dependency"));
        Assert.Equal(5000, Parse(Change("References", many)).Info.References.Count);
    }

    [Fact]
    public void NoiseIsAnErrorOfTheRightType()
    {
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(Good);
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                _ = NarInfoReader.Parse(bytes, StoreDirectory.Default, "x.narinfo");
            }
            catch (NarInfoCorruptException)
            {
                // Anything else fails the test.
            }
        }
    }

    private static NarInfo Parse(string text) => NarInfoReader.Parse(System.Text.Encoding.UTF8.GetBytes(text), StoreDirectory.Default, "x.narinfo");

    private static string Change(string field, string value) => ChangeLine(field, $"{field}: {value}");

    private static string ChangeLine(string field, string line)
        => string.Join('\n', Good.Split('\n').Select(old => old.StartsWith(field + ":", StringComparison.Ordinal) ? line : old));
}
