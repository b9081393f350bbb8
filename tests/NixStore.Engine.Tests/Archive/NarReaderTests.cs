using System.Text;
using NixStore.Engine.Archive;
using NixStore.Engine.Tests.Support;
using static NixStore.Engine.Tests.Support.NarText;

namespace NixStore.Engine.Tests.Archive;

public sealed class NarReaderTests
{
    private static readonly byte[] s_sample = NarText.Archive(Folder(
        ("a", File("contents")), ("b", Folder()), ("c", Folder(("x", Link("../a")), ("y", File("#!", executable: true)))), ("\xe9", File(""))));

    public static TheoryData<string, byte[], string> Hostile => new()
    {
        { "NarTruncated", [], "nothing" },
        { "NarTruncated", NarText.Archive(), "no node" },
        { "NarBadMagic", Words("nix-archive-2"), "magic" },
        { "NarBadMagic", new byte[64], "zeros" },
        { "NarCorrupt", NarText.Archive(Words("[")), "no parenthesis" },
        { "NarCorrupt", NarText.Archive(Words("(", "typo")), "no type" },
        { "NarCorrupt", NarText.Archive(Words("(", "type", "fifo", ")")), "unknown type" },
        { "NarCorrupt", NarText.Archive(Words("(", "type", "regular", ")")), "file without contents" },
        { "NarCorrupt", NarText.Archive(Words("(", "type", "regular", "executable", "yes", "contents", "", ")")), "executable with a value" },
        { "NarCorrupt", NarText.Archive(Words("(", "type", "regular", "contents", "", "contents", "", ")")), "contents twice" },
        { "NarCorrupt", NarText.Archive(Words("(", "type", "regular", "contents"), [0, 0, 0, 0, 0, 0, 0, 0x80], Words(")")), "negative length" },
        { "NarCorrupt", NarText.Archive(Words("(", "type", "regular", "contents"), [255, 255, 255, 255, 255, 255, 255, 127]), "length near the limit" },
        { "NarTruncated", NarText.Archive(Words("(", "type", "regular", "contents"), [255, 255, 255, 255, 255, 255, 0, 0], Words(")")), "long file that is not there" },
        { "NarCorrupt", NarText.Archive(Words("(", "type", "regular", "contents"), [1, 0, 0, 0, 0, 0, 0, 0, 65, 0, 0, 0, 0, 0, 0, 1], Words(")")), "padding of contents" },
        { "NarCorrupt", NarText.Archive(Words("(", "type", "symlink", "target"), [1, 0, 0, 0, 0, 0, 0, 0, 65, 1, 0, 0, 0, 0, 0, 0], Words(")")), "padding of a target" },
        { "NarCorrupt", NarText.Archive(Words("(", "type", "directory", "entry", "(", "name"), [1, 0, 0, 0, 0, 0, 0, 0, 65, 0, 9, 0, 0, 0, 0, 0]), "padding of a name" },
        { "NarCorrupt", NarText.Archive(Words("(", "type", "directory", "entry", "(", "node")), "entry without a name" },
        { "NarCorrupt", NarText.Archive(Words("(", "type", "directory", "entry", "(", "name", "a", ")")), "entry without a node" },
        { "NarCorrupt", NarText.Archive(Words("(", "type", "directory", "foo", ")")), "something else than an entry" },
        { "NarInvalidTarget", NarText.Archive(Link("")), "empty target" },
        { "NarInvalidTarget", NarText.Archive(Link(new string('x', 4096))), "target too long" },
        { "NarInvalidTarget", NarText.Archive(Link("a\0b")), "NUL in a target" },
        { "NarInvalidName", NarText.Archive(Folder(("", File("")))), "empty name" },
        { "NarInvalidName", NarText.Archive(Folder((".", File("")))), "." },
        { "NarInvalidName", NarText.Archive(Folder(("..", File("")))), ".." },
        { "NarInvalidName", NarText.Archive(Folder(("a/b", File("")))), "slash" },
        { "NarInvalidName", NarText.Archive(Folder(("/", File("")))), "only a slash" },
        { "NarInvalidName", NarText.Archive(Folder(("a\0", File("")))), "NUL" },
        { "NarInvalidName", NarText.Archive(Folder((new string('n', 256), File("")))), "name too long" },
        { "NarInvalidName", NarText.Archive(Words("(", "type", "directory", "entry", "(", "name"), [0, 0, 0, 0, 1, 0, 0, 0]), "name of 4 GiB" },
        { "NarUnsorted", NarText.Archive(Folder(("a", File("")), ("a", Link("/etc")))), "double" },
        { "NarUnsorted", NarText.Archive(Folder(("b", File("")), ("a", File("")))), "descending" },
        { "NarUnsorted", NarText.Archive(Folder(("aa", File("")), ("a", File("")))), "prefix behind" },
        { "NarUnsorted", NarText.Archive(Folder(("\xe9", File("")), ("z", File("")))), "signed comparison" },
        { "NarUnsorted", NarText.Archive(Folder(("b", Folder(("z", File("")))), ("a", File("")))), "descending over a directory" },
        { "NarTooDeep", NarText.Archive(Nested(64, File(""))), "too deep" },
        { "NarTrailingData", [.. NarText.Archive(File("")), 0], "a byte behind" },
        { "NarTrailingData", [.. NarText.Archive(File("")), .. NarText.Archive(File(""))], "another archive behind" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void RefusesWhatIsNoArchive(string errorId, byte[] archive, string what)
    {
        foreach (var stream in new Stream[] { new MemoryStream(archive), new TricklingStream(archive) })
        {
            using var reader = new NarReader(stream);
            var error = Assert.Throws<NarFormatException>(() => reader.ReadToEnd());
            Assert.True(errorId == error.ErrorId, $"{what}: {error.Message}");
            Assert.InRange(error.Offset, 0, archive.Length);
            var again = Assert.Throws<NarFormatException>(() => reader.Read());
            Assert.Equal((error.ErrorId, error.Offset), (again.ErrorId, again.Offset));
            Assert.Throws<NarFormatException>(() => reader.ReadContents().Length);
        }
    }

    [Fact]
    public void GivesNodesInOrder()
    {
        using var reader = new NarReader(new MemoryStream(s_sample));
        var seen = new List<string>();
        while (reader.Read())
        {
            var name = Encoding.Latin1.GetString(reader.Name);
            seen.Add(reader.Token switch
            {
                NarToken.Regular => $"{reader.Depth} {name} {(reader.IsExecutable ? "x" : "-")} {reader.Size} {Contents(reader)}",
                NarToken.Symlink => $"{reader.Depth} {name} -> {Encoding.Latin1.GetString(reader.Target)}",
                var token => $"{reader.Depth} {name} {token}",
            });
        }

        Assert.Equal(
            ["0  BeginDirectory", "1 a - 8 contents", "1 b BeginDirectory", "1 b EndDirectory", "1 c BeginDirectory", "2 x -> ../a", "2 y x 2 #!",
            "1 c EndDirectory", "1 \xe9 - 0 ", "0  EndDirectory"], seen);
        Assert.Equal(NarToken.End, reader.Token);
        Assert.Equal(s_sample.Length, reader.Position);
        Assert.False(reader.Read());
    }

    [Fact]
    public void SkipsContentsThatNobodyReads()
    {
        var archive = NarText.Archive(Folder(("a", File(new string('x', 1_000_000))), ("b", File("y"))));
        using var reader = new NarReader(new TricklingStream(archive, 70_000));
        Assert.True(reader.Read() && reader.Read());
        Assert.Equal(1_000_000, reader.Size);
        Assert.False(reader.ReadContents().IsEmpty);
        Assert.True(reader.Read());
        Assert.Equal("b", Encoding.ASCII.GetString(reader.Name));
        Assert.Equal("y", Contents(reader));
        Assert.Equal(archive.Length, reader.ReadToEnd());
    }

    [Fact]
    public void TellsWhereContentsAre()
    {
        using var reader = new NarReader(new MemoryStream(s_sample));
        while (reader.Read())
        {
            if (reader.Token == NarToken.Regular)
            {
                var at = (int)reader.ContentsOffset;
                Assert.Equal(s_sample[at..(at + (int)reader.Size)], Encoding.Latin1.GetBytes(Contents(reader)));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void GivesTheSinkExactlyTheArchive(int step)
    {
        byte[] embedded = [.. s_sample, 1, 2, 3];
        var stream = new TricklingStream(embedded, step);
        using var copy = new MemoryStream();
        using var sink = new StreamSink(copy);
        using (var reader = new NarReader(stream, tee: sink, embedded: true, leaveOpen: true))
        {
            Assert.Equal(s_sample.Length, reader.ReadToEnd());
        }

        Assert.Equal(s_sample, copy.ToArray());
        Assert.Equal(s_sample.Length, sink.Length);
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(_ => stream.ReadByte()));
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void LimitsTheDepthAsNixDoes(int directories, bool isAccepted)
    {
        using var reader = new NarReader(new MemoryStream(NarText.Archive(Nested(directories, File("")))));
        Assert.Equal(isAccepted, Record.Exception(() => reader.ReadToEnd()) is null);
    }

    [Fact]
    public void LiftsTheDepthForWhatIsThereAlready()
    {
        using var reader = new NarReader(new MemoryStream(NarText.Archive(Nested(4095, File("x")))), NarLimits.Existing);
        reader.ReadToEnd();
        using var deeper = new NarReader(new MemoryStream(NarText.Archive(Nested(4096, File("x")))), NarLimits.Existing);
        Assert.Equal("NarTooDeep", Assert.Throws<NarFormatException>(() => deeper.ReadToEnd()).ErrorId);
    }

    [Fact]
    public void AcceptsTheLongestNamesAndTargets()
    {
        using var reader = new NarReader(new MemoryStream(NarText.Archive(Folder((new string('n', 255), Link(new string('t', 4095)))))));
        Assert.True(reader.Read() && reader.Read());
        Assert.Equal(255, reader.Name.Length);
        Assert.Equal(4095, reader.Target.Length);
        reader.ReadToEnd();
    }

    [Fact]
    public void EveryCutIsATruncation()
    {
        for (var length = 0; length < s_sample.Length; length++)
        {
            using var reader = new NarReader(new MemoryStream(s_sample, 0, length));
            Assert.Equal("NarTruncated", Assert.Throws<NarFormatException>(() => reader.ReadToEnd()).ErrorId);
        }
    }

    [Fact]
    public void RefusesToGoOnAfterTheStreamFailed()
    {
        using var reader = new NarReader(new BrokenStream());
        Assert.Throws<IOException>(() => reader.Read());
        Assert.IsType<IOException>(Assert.Throws<InvalidOperationException>(() => reader.Read()).InnerException);
    }

    [Fact]
    public void DamageIsAlwaysATypedError()
    {
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var bad = (byte[])s_sample.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            }

            using var reader = new NarReader(new MemoryStream(bad, 0, random.Next(4) > 0 ? bad.Length : random.Next(bad.Length)));
            try
            {
                NarListing.Read(reader);
            }
            catch (NarFormatException)
            {
            }
        }
    }

    private static string Contents(NarReader reader)
    {
        using var contents = new MemoryStream();
        reader.CopyContentsTo(contents);
        return Encoding.Latin1.GetString(contents.ToArray());
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => throw new IOException("gone");

        public override int Read(Span<byte> buffer) => throw new IOException("gone");
    }
}
