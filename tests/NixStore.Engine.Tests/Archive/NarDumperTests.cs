using System.Diagnostics;
using System.Text;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Support;
using static NixStore.Engine.Tests.Support.NarText;

namespace NixStore.Engine.Tests.Archive;

public sealed class NarDumperTests : IDisposable
{
    private readonly WorkDirectory _work = new();

    public static TheoryData<int> Sizes
        => [.. Enumerable.Range(0, 18), 4096, NarSink.BufferSize - 200, .. Enumerable.Range(-1, 3).Select(d => NarSink.BufferSize + d), (3 * NarSink.BufferSize) + 1];

    public void Dispose() => _work.Dispose();

    [Theory]
    [MemberData(nameof(Sizes))]
    public void WritesFilesOfAnySize(int size)
    {
        var contents = new string('c', size);
        _work.Folder("t");
        _work.File("t/a", "first");
        _work.File("t/b", contents);
        _work.File("t/c", contents, 0b111_101_101);
        Assert.Equal(NarText.Archive(Folder(("a", File("first")), ("b", File(contents)), ("c", File(contents, executable: true)))), Dump("t"));
    }

    [Fact]
    public void WritesARootOfAnyKind()
    {
        _work.File("f", "x");
        _work.Link("l", "../nowhere");
        _work.Folder("d");
        Assert.Equal(NarText.Archive(File("x")), Dump("f"));
        Assert.Equal(NarText.Archive(Link("../nowhere")), Dump("l"));
        Assert.Equal(NarText.Archive(Folder()), Dump("d"));
    }

    [Fact]
    public void SortsByBytes()
    {
        _work.Folder("t");
        byte[][] names = ["a"u8.ToArray(), "a-"u8.ToArray(), "a.b"u8.ToArray(), "aB"u8.ToArray(), "ab"u8.ToArray(), "Z"u8.ToArray(), [0xe9], [0x01], "abcdefgh"u8.ToArray(), "abcdefgh1"u8.ToArray(),
            "abcdefgh0"u8.ToArray(), "\n"u8.ToArray(), "ü"u8.ToArray(), Encoding.ASCII.GetBytes(new string('n', 255))];
        foreach (var name in names)
        {
            _work.File([.. "t/"u8, .. name, 0], name);
        }

        var sorted = names.Select(name => Encoding.Latin1.GetString(name)).Order(StringComparer.Ordinal);
        Assert.Equal(NarText.Archive(Folder([.. sorted.Select(name => (name, File(name)))])), Dump("t"));
    }

    [Fact]
    public void OnlyTheOwnersExecutableBitCounts()
    {
        _work.Folder("t");
        _work.File("t/a", "", 0b110_001_001);
        _work.File("t/b", "", 0b101_000_000);
        Assert.Equal(NarText.Archive(Folder(("a", File("")), ("b", File("", executable: true)))), Dump("t"));
    }

    [Fact]
    public void IsUsedForOneTreeAfterAnother()
    {
        using var hasher = new NarHasher();
        for (var directory = 0; directory < 8; directory++)
        {
            _work.Folder($"t{directory}");
            for (var file = 0; file < directory * directory * 10; file++)
            {
                _work.File($"t{directory}/{new string('n', 150)}{file}");
            }

            using var fresh = new NarHasher();
            var name = ByteName.From($"t{directory}");
            Assert.Equal(fresh.HashTree(_work.Descriptor, name), hasher.HashTree(_work.Descriptor, name));
            Assert.ThrowsAny<NixStoreException>(() => hasher.HashTree(_work.Descriptor, "missing\0"u8));
        }
    }

    [Fact]
    public void DeepTreesAreWrittenUpToTheLimit()
    {
        MakeDeep(100);
        Assert.Equal(NarText.Archive(Nested(101, File("x"))), Dump("t"));
        using var sink = new DiscardSink();
        var error = Assert.Throws<NarTreeException>(() => new NarDumper(NarLimits.Nix).Dump(_work.Descriptor, "t\0"u8, sink));
        Assert.Equal("TreeTooDeep", error.ErrorId);
        Assert.Equal(64, error.RelativePath.ToString().Split('/').Length);
        Assert.Contains("t/d/d/d/d", error.Message);
    }

    [SkippableTheory]
    [InlineData("mkfifo", "", "named pipe")]
    [InlineData("mknod", "c 0 0", "device")]
    public void RefusesWhatNoArchiveCanHold(string program, string arguments, string word)
    {
        _work.Folder("t");
        _work.File("t/a");
        using (var process = Process.Start(program, $"{_work.Path}/t/special {arguments}"))
        {
            process.WaitForExit();
            Skip.If(process.ExitCode != 0, $"{program} is not allowed");
        }

        var error = Assert.Throws<NarTreeException>(() => Dump("t"));
        Assert.Equal("UnsupportedFileType", error.ErrorId);
        Assert.Equal("special", error.RelativePath.ToString());
        Assert.Contains(word, error.Message);
        Assert.Contains($"{_work.Path}/t/special", error.Message);
        Assert.Throws<NarTreeException>(() => Dump("t/special"));
    }

    [Fact]
    public void NamesWhatIsMissing()
    {
        var error = Assert.Throws<StoreIOException>(() => Dump("nothing"));
        Assert.Equal(StoreErrorKind.NotFound, error.Kind);
        Assert.Equal($"{_work.Path}/nothing", error.Target);
    }

    [Fact]
    public void StopsWhenAsked()
    {
        _work.Folder("t");
        using var sink = new DiscardSink();
        Assert.Throws<OperationCanceledException>(() => new NarDumper().Dump(_work.Descriptor, "t\0"u8, sink, cancellation: new CancellationToken(true)));
    }

    [Fact]
    public void FilesThatVanishOrShrinkAreTyped()
    {
        _work.Folder("t");
        _work.File("t/a", "x");
        _work.File("t/b", "y");
        var vanishing = new Meddler((path, work) =>
        {
            if (path == "a")
            {
                Posix.UnlinkAt(work.Descriptor, "t/b\0"u8);
            }
        }, _work);
        Assert.Equal("FileVanished", Assert.Throws<NarTreeException>(() => Dump("t", vanishing)).ErrorId);

        _work.Link("t/b", "elsewhere");
        var shrinking = new Meddler((path, work) =>
        {
            if (path == "a")
            {
                using var file = Posix.OpenAt(work.Descriptor, "t/a\0"u8, OpenFlags.WriteOnly);
                Posix.Truncate(file, 0);
            }
        }, _work);
        Assert.Equal("FileChanged", Assert.Throws<NarTreeException>(() => Dump("t", shrinking)).ErrorId);

        var swapping = new Meddler((path, work) =>
        {
            if (path == "a")
            {
                Posix.UnlinkAt(work.Descriptor, "t/c\0"u8);
                work.Link("t/c", "/etc/passwd");
            }
        }, _work);
        _work.File("t/c", "z");
        Assert.Equal("FileChanged", Assert.Throws<NarTreeException>(() => Dump("t", swapping)).ErrorId);
    }

    [SkippableFact]
    public void AgreesWithRealNixOnWeirdNames()
    {
        using var nix = RealNix.NewStore();
        WeirdTree.Make(_work, "weird");
        var expected = nix.RunRaw("nix-store", [], "--dump", $"{_work.Path}/weird");
        Assert.Equal(expected, Dump("weird"));
        using var hasher = new NarHasher();
        Assert.Equal(nix.Run("nix-hash", "--type", "sha256", $"{_work.Path}/weird"), hasher.HashTree(_work.Descriptor, "weird\0"u8).Hash.ToBase16());
    }

    internal static byte[] Dump(WorkDirectory work, string name, NarObserver? observer = null, NarSubstitutions? substitutions = null)
    {
        using var copy = new MemoryStream();
        using var sink = new StreamSink(copy);
        new NarDumper().Dump(work.Descriptor, ByteName.From(name), sink, observer, substitutions);
        sink.Flush();
        Assert.Equal(copy.Length, sink.Length);
        return copy.ToArray();
    }

    private byte[] Dump(string name, NarObserver? observer = null) => Dump(_work, name, observer);

    private void MakeDeep(int levels)
    {
        var path = "t";
        _work.Folder(path);
        for (var i = 0; i < levels; i++)
        {
            path += "/d";
            _work.Folder(path);
        }

        _work.File(path + "/d", "x");
    }

    private sealed class Meddler(Action<string, WorkDirectory> act, WorkDirectory work) : NarObserver
    {
        public override void OnRegular(in NarFile file) => act(Encoding.UTF8.GetString(file.RelativePath), work);
    }
}
