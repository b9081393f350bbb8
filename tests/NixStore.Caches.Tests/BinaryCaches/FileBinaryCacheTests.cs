using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Compression;
using NixStore.Caches.Narinfo;
using NixStore.Caches.Tests.Support;
using NixStore.Engine.Signatures;

namespace NixStore.Caches.Tests.BinaryCaches;

public sealed class FileBinaryCacheTests : IDisposable
{
    private static readonly byte[] s_nar = Samples.Nar(Samples.Contents(100_000));

    private readonly TemporaryDirectory _directory = new();

    private string Place => _directory / "cache";

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(NarCompression.None)]
    [InlineData(NarCompression.Xz)]
    [InlineData(NarCompression.Zstd)]
    [InlineData(NarCompression.Bzip2)]
    [InlineData(NarCompression.Gzip)]
    [InlineData(NarCompression.Br)]
    public void WhatIsAddedCanBeReadBack(NarCompression compression)
    {
        using var cache = Open(create: true);
        var added = Add(cache, new BinaryCacheAddOptions { Compression = compression });
        Assert.Equal(compression.Name(), added.Compression);
        using var again = Open();
        Assert.Equal(added.FileHash, again.TryGetNarInfo(Samples.Path)!.FileHash);
        Assert.Equal(s_nar, Samples.ReadAll(again.OpenNar(again.TryGetNarInfo(Samples.Path.HashPart)!)));
        Assert.Equal("StoreDir: /nix/store\n", File.ReadAllText(_directory / "cache/nix-cache-info"));
        Assert.Null(again.TryGetNarInfo(Samples.Other));
        Assert.Empty(Leftovers());
    }

    [Fact]
    public void ADirectoryThatIsNoCacheIsRefusedUnlessANewOneIsWanted()
    {
        var error = Assert.Throws<NixStoreException>(() => Open());
        Assert.Equal(("NotABinaryCache", StoreErrorKind.NotFound), (error.ErrorId, error.Kind));
        using var cache = Open(create: true);
        Assert.False(Directory.Exists(Place), "opening must not write");
    }

    [Fact]
    public void CacheInfoIsObeyedAndTheAddressComesFirst()
    {
        Directory.CreateDirectory(Place);
        File.WriteAllText(_directory / "cache/nix-cache-info", "StoreDir: /gnu/store\nWantMassQuery: 1\nPriority: 30\nnonsense\n");
        using var cache = Open();
        Assert.Equal(("/gnu/store", 30, true), (cache.StoreDirectory.Path, cache.Priority, cache.WantMassQuery));
        using var other = Open(query: "?priority=5&want-mass-query=false");
        Assert.Equal((5, false), (other.Priority, other.WantMassQuery));
        foreach (var open in new Action[] { () => Open(query: "?store=/nix/store"), () => Open(storeDirectory: StoreDirectory.Default) })
        {
            Assert.Equal("StoreDirectoryMismatch", Assert.Throws<NixStoreException>(open).ErrorId);
        }

        File.WriteAllText(_directory / "cache/nix-cache-info", "StoreDir: nowhere\n");
        Assert.Equal("BinaryCacheInfoCorrupt", Assert.Throws<NixStoreException>(() => Open()).ErrorId);
    }

    [Fact]
    public void AddingToACacheOfAnotherStoreDirectoryIsRefusedBeforeAnythingIsWritten()
    {
        Directory.CreateDirectory(Place);
        File.WriteAllText(_directory / "cache/nix-cache-info", "StoreDir: /gnu/store\n");
        Assert.Throws<NixStoreException>(() => Open(create: true, storeDirectory: StoreDirectory.Default));
        Assert.Equal([_directory / "cache/nix-cache-info"], Directory.GetFileSystemEntries(Place));
    }

    [Theory]
    [InlineData(0, 0, "NarHashMismatch")] // other bytes
    [InlineData(-8, 1, "NarHashMismatch")] // shorter
    [InlineData(8, 1, "NarHashMismatch")] // longer
    public void AWrongNarLeavesNothing(int longer, int keep, string errorId)
    {
        using var cache = Open(create: true);
        var wrong = new byte[s_nar.Length + longer];
        s_nar.AsSpan(0, Math.Min(s_nar.Length, wrong.Length)).CopyTo(wrong);
        wrong[100] ^= (byte)(1 - keep);
        var error = Assert.Throws<NixStoreException>(() => cache.Add(Samples.Info(s_nar), new MemoryStream(wrong)));
        Assert.Equal((errorId, StoreErrorKind.InvalidData), (error.ErrorId, error.Kind));
        Assert.Null(cache.TryGetNarInfo(Samples.Path));
        Assert.Empty(Directory.GetFiles(_directory / "cache/nar"));
    }

    [Fact]
    public void ABombIsStoppedEarly()
    {
        using var cache = Open(create: true);
        var written = 0L;
        Assert.Throws<NixStoreException>(() => cache.Add(Samples.Info(s_nar), stream =>
        {
            for (var i = 0; i < 100_000; i++)
            {
                stream.Write(new byte[10_000]);
                written += 10_000;
            }
        }));
        Assert.InRange(written, 1, s_nar.Length + 10_000);
    }

    [Fact]
    public void AWriterThatFailsOrIsStoppedLeavesNothing()
    {
        using var cache = Open(create: true);
        Assert.Throws<InvalidDataException>(() => cache.Add(Samples.Info(s_nar), stream =>
        {
            stream.Write(s_nar, 0, 50_000);
            throw new InvalidDataException();
        }));
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => cache.Add(Samples.Info(s_nar), stream =>
        {
            stream.Write(s_nar, 0, 50_000);
            stop.Cancel();
            stream.Write(s_nar, 50_000, 1000);
        }, null, stop.Token));
        Assert.Empty(Directory.GetFiles(_directory / "cache/nar"));
        Assert.Empty(Directory.GetFiles(Place, "*.narinfo*"));
    }

    [Fact]
    public void ReferencesComeFirst()
    {
        using var cache = Open(create: true);
        var info = Samples.Info(s_nar, Samples.Path, Samples.Other, Samples.Path);
        var error = Assert.Throws<NixStoreException>(() => cache.Add(info, new MemoryStream(s_nar)));
        Assert.Equal("ReferenceNotInCache", error.ErrorId);
        Assert.Contains(Samples.Other.BaseName, error.Message);
        cache.Add(Samples.Info(s_nar, Samples.Other), new MemoryStream(s_nar));
        cache.Add(info, new MemoryStream(s_nar));
        Assert.Single(Directory.GetFiles(_directory / "cache/nar"));

        using var unchecked_ = Open(create: true, name: "cache2");
        unchecked_.Add(info, new MemoryStream(s_nar), new BinaryCacheAddOptions { CheckReferences = false });
        Assert.NotNull(unchecked_.TryGetNarInfo(Samples.Path));
    }

    [Fact]
    public void WhatIsThereIsKeptUnlessItIsBroken()
    {
        using var cache = Open(create: true);
        var first = Add(cache);
        var refuse = (Action<Stream>)(_ => throw new InvalidOperationException("must not be asked for"));
        Assert.Equal(first.Url, cache.Add(Samples.Info(s_nar), refuse).Url);

        // A file that a power cut has emptied, one that somebody removed, and a narinfo that is no narinfo.
        var file = Path.Combine(Place, first.Url);
        foreach (var damage in new Action[]
        {
            () => File.WriteAllBytes(file, []), () => File.Delete(file),
            () => File.WriteAllText(Path.Combine(Place, $"{Samples.Path.HashPart}.narinfo"), "x"),
        })
        {
            damage();
            Add(cache);
            Assert.Equal(s_nar, Samples.ReadAll(cache.OpenNar(cache.TryGetNarInfo(Samples.Path)!)));
        }

        // Repair asks for the NAR though everything seems to be there.
        Assert.Equal("zstd", Add(cache, new BinaryCacheAddOptions { Repair = true, Compression = NarCompression.Zstd }).Compression);
        Assert.Equal(2, Directory.GetFiles(_directory / "cache/nar").Length);

        // Damage that keeps the length is for Repair to mend, too.
        var bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, new byte[bytes.Length]);
        Add(cache, new BinaryCacheAddOptions { Repair = true });
        Assert.Equal(bytes, File.ReadAllBytes(file));
    }

    [Fact]
    public void LeftoversOfTheSameNameAreLeftAlone()
    {
        using var first = new TemporaryFile(_directory / "x");
        var next = int.Parse(Path.GetExtension(first.Stream.Name)[1..]) + 1;
        Directory.CreateDirectory(_directory / "cache/nar");
        var names = Enumerable.Range(next, 100).Select(i => _directory / $"cache/nar/{Samples.Path.HashPart}.nar.xz.tmp.{Environment.ProcessId}.{i}").ToList();
        names.ForEach(name => File.WriteAllText(name, "left"));
        using var cache = Open(create: true);
        Add(cache);
        Assert.Equal(s_nar, Samples.ReadAll(cache.OpenNar(cache.TryGetNarInfo(Samples.Path)!)));
        Assert.All(names, name => Assert.Equal("left", File.ReadAllText(name)));
    }

    [SkippableFact]
    public void AFifoIsNotWaitedFor()
    {
        Skip.IfNot(Program.Exists("mkfifo"), "mkfifo is not installed");
        using var cache = Open(create: true);
        var narInfo = Add(cache);
        File.Delete(Path.Combine(Place, narInfo.Url));
        Program.Run("mkfifo", [Path.Combine(Place, narInfo.Url), Path.Combine(Place, $"{Samples.Other.HashPart}.narinfo")]);
        Assert.Equal("BinaryCacheReadFailed", Assert.Throws<NixStoreException>(() => cache.OpenNar(narInfo)).ErrorId);
        Assert.Equal("BinaryCacheReadFailed", Assert.Throws<NixStoreException>(() => cache.TryGetNarInfo(Samples.Other)).ErrorId);
    }

    [Fact]
    public void KeysOfTheAddressAndOfTheCallerSign()
    {
        using var one = NixSecretKey.Generate("one-1");
        using var two = NixSecretKey.Generate("two-1");
        one.Save(_directory / "one");
        using var cache = Open(create: true, query: $"?secret-key={_directory / "one"}&compression=zstd&compression-level=19");
        var narInfo = Add(cache, new BinaryCacheAddOptions { SecretKeys = [two] });
        Assert.Equal("zstd", narInfo.Compression);
        var read = cache.TryGetNarInfo(Samples.Path)!.Info;
        foreach (var key in new[] { one, two })
        {
            Assert.True(new TrustedKeys([key.PublicKey]).Verifies(read, StoreDirectory.Default, out _));
        }

        Assert.False(new TrustedKeys([one.PublicKey]).Verifies(read with { NarSize = 1 }, StoreDirectory.Default, out _));
    }

    [Fact]
    public void WhatCannotBeAddedIsRefusedAtOnce()
    {
        using var cache = Open(create: true);
        Assert.Equal("NoNarSize", Assert.Throws<NixStoreException>(() => cache.Add(Samples.Info(s_nar) with { NarSize = 0 }, Stream.Null)).ErrorId);
        Assert.Equal("InvalidCompressionLevel", Assert.Throws<CodecException>(() => Add(cache, new BinaryCacheAddOptions { CompressionLevel = 99 })).ErrorId);
        using var keyless = Open(create: true, query: "?secret-key=/nonexistent");
        Assert.Equal("SecretKeyNotFound", Assert.Throws<NixStoreException>(() => Add(keyless)).ErrorId);
        Assert.False(Directory.Exists(Place));
    }

    [Fact]
    public void ManyMayAddTheSameAtOnce()
    {
        using var cache = Open(create: true);
        using var other = Open(create: true);
        Parallel.For(0, 16, i => Add(i % 2 == 0 ? cache : other, new BinaryCacheAddOptions { Compression = NarCompression.Zstd, Repair = true }));
        Assert.Equal(s_nar, Samples.ReadAll(cache.OpenNar(cache.TryGetNarInfo(Samples.Path)!)));
        Assert.Single(Directory.GetFiles(_directory / "cache/nar"));
        Assert.Empty(Leftovers());
    }

    [Fact]
    public void UnwritablePlacesAreNamed()
    {
        File.WriteAllText(_directory / "file", "");
        using var cache = new FileBinaryCache(BinaryCacheUrl.Parse($"file://{_directory / "file/cache"}"), new BinaryCacheOptions { Create = true });
        var error = Assert.Throws<NixStoreException>(() => Add(cache));
        Assert.Equal(("BinaryCacheWriteFailed", StoreErrorKind.WriteError), (error.ErrorId, error.Kind));
        Assert.Equal(StoreErrorKind.DiskFull, CacheWriteError.From(new IOException("", 28), Samples.Path, "x").Kind);
        Assert.Equal(StoreErrorKind.DiskFull, CacheWriteError.From(new IOException("", 122), Samples.Path, "x").Kind);
        Assert.Equal(StoreErrorKind.PermissionDenied, CacheWriteError.From(new UnauthorizedAccessException(), Samples.Path, "x").Kind);
    }

    [Fact]
    public void NamesCannotLeaveTheCache()
    {
        using var cache = Open(create: true);
        Add(cache);
        foreach (var name in new[] { "../secret", "/etc/passwd", "nar/../../x", "" })
        {
            Assert.Equal("InvalidBinaryCacheFile", Assert.Throws<NixStoreException>(() => cache.TryReadFile(name, 100)).ErrorId);
            Assert.Equal("InvalidBinaryCacheFile", Assert.Throws<NixStoreException>(() => cache.OpenFile(name)).ErrorId);
        }

        Assert.Equal("InvalidHashPart", Assert.Throws<NixStoreException>(() => cache.TryGetNarInfo("../../../../../../../etc/passwd")).ErrorId);
        Assert.Equal("BinaryCacheFileMissing", Assert.Throws<NixStoreException>(() => cache.OpenFile("https://other.example/x")).ErrorId);
        Assert.Equal("BinaryCacheFileMissing", Assert.Throws<NixStoreException>(() => cache.OpenFile("nar/x")).ErrorId);
        Assert.Equal("BinaryCacheReadFailed", Assert.Throws<NixStoreException>(() => cache.TryReadFile("nar", 100)).ErrorId);
        Assert.Equal("BinaryCacheFileTooLarge", Assert.Throws<NixStoreException>(() => cache.TryReadFile("nix-cache-info", 5)).ErrorId);
    }

    [Fact]
    public void AFileBeingReadMayBeRemoved()
    {
        using var cache = Open(create: true);
        var narInfo = Add(cache);
        using var nar = cache.OpenNar(narInfo);
        Assert.NotEqual(0, nar.Read(new byte[10]));
        File.Delete(Path.Combine(Place, narInfo.Url));
        Assert.Equal(s_nar.Length - 10, Samples.ReadAll(nar).Length);
    }

    private static NarInfo Add(BinaryCache cache, BinaryCacheAddOptions? options = null) => cache.Add(Samples.Info(s_nar), new MemoryStream(s_nar), options);

    private FileBinaryCache Open(bool create = false, string query = "", StoreDirectory? storeDirectory = null, string name = "cache")
        => new(BinaryCacheUrl.Parse($"file://{_directory / name}{query}"), new BinaryCacheOptions { Create = create, StoreDirectory = storeDirectory });

    private IEnumerable<string> Leftovers() => Directory.GetFiles(Place, "*.tmp.*", SearchOption.AllDirectories);
}
