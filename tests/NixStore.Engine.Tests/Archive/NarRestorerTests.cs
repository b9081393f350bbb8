using System.Diagnostics;
using System.Security.Cryptography;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Support;
using static NixStore.Engine.Tests.Support.NarText;

namespace NixStore.Engine.Tests.Archive;

public sealed class NarRestorerTests : IDisposable
{
    private static readonly NarRestoreOptions s_quick = new() { Sync = NarSync.None };
    private readonly WorkDirectory _work = new();

    public void Dispose() => _work.Dispose();

    [Theory]
    [InlineData(NarSync.EachFile)]
    [InlineData(NarSync.FileSystem)]
    [InlineData(NarSync.None)]
    public void RestoresWhatWasDumped(NarSync sync)
    {
        WeirdTree.Make(_work, "t");
        var archive = NarDumperTests.Dump(_work, "t");
        var restored = NarRestorer.Restore(new MemoryStream(archive), _work.Descriptor, "r\0"u8, new NarRestoreOptions { Sync = sync });
        Assert.Equal(archive, NarDumperTests.Dump(_work, "r"));
        Assert.Equal(new NixHash(NixHashAlgorithm.Sha256, SHA256.HashData(archive)), restored.Hash.Hash);
        Assert.Equal(archive.Length, restored.Hash.Size);
    }

    [Fact]
    public void CountsWhatItMade()
    {
        var restored = Restore(NarText.Archive(Folder(("a", File("12345")), ("b", Link("a")), ("c", Folder(("d", File("678")))))));
        Assert.Equal((5, 8), (restored.Files, restored.ContentBytes));
    }

    [Fact]
    public void GivesEverythingCanonicalMetadata()
    {
        Restore(NarText.Archive(Folder(("d", Folder(("f", File("x")), ("l", Link("f")), ("x", File("x", executable: true)))))));
        foreach (var (path, mode) in new[] { ("r", 0b101_101_101), ("r/d", 0b101_101_101), ("r/d/f", 0b100_100_100), ("r/d/x", 0b101_101_101), ("r/d/l", -1) })
        {
            var status = _work.Status(path);
            Assert.Equal((1, 0u), (status.ModificationSeconds, status.ModificationNanoseconds));
            Assert.Equal(Posix.EffectiveUserId, status.Owner);
            Assert.True(mode < 0 || mode == status.Mode, path);
        }
    }

    [SkippableFact]
    public void GivesEverythingToAnOwner()
    {
        Skip.If(Posix.EffectiveUserId != 0, "needs root");
        Restore(NarText.Archive(Folder(("d", Folder(("f", File("x")), ("l", Link("f")))))), s_quick with { Owner = new StoreOwner(12345, 54321) });
        foreach (var path in new[] { "r", "r/d", "r/d/f", "r/d/l" })
        {
            var status = _work.Status(path);
            Assert.Equal((12345u, 54321u), (status.Owner, status.Group));
            Assert.Equal(1, status.ModificationSeconds);
        }
    }

    [SkippableFact]
    public void DoesNotInheritAccessControlLists()
    {
        using (var process = Process.Start(new ProcessStartInfo("sh", ["-c", $"setfacl -d -m u:1234:rwx {_work.Path}"]) { RedirectStandardError = true })!)
        {
            process.WaitForExit();
            Skip.If(process.ExitCode != 0, "setfacl or ACLs are not there");
        }

        Restore(NarText.Archive(Folder(("d", Folder(("f", File("x")))))));
        foreach (var path in new[] { "r", "r/d", "r/d/f" })
        {
            Assert.DoesNotContain(Posix.ListExtendedAttributes(ByteName.From($"{_work.Path}/{path}")),
                attribute => !CanonicalMetadata.IsIgnoredAttribute(attribute));
            Assert.Equal(path.EndsWith('f') ? 0b100_100_100 : 0b101_101_101, _work.Status(path).Mode);
        }
    }

    [Theory]
    [InlineData("file")]
    [InlineData("link")]
    [InlineData("directory")]
    public void RestoresARootOfAnyKind(string kind)
    {
        var archive = NarText.Archive(kind switch { "file" => File("x", executable: true), "link" => Link("/etc"), _ => Folder() });
        Restore(archive);
        Assert.Equal(archive, NarDumperTests.Dump(_work, "r"));
    }

    [Fact]
    public void LeavesWhatIsThereAlone()
    {
        foreach (var archive in new[] { NarText.Archive(File("new")), NarText.Archive(Link("new")), NarText.Archive(Folder(("a", File("new")))) })
        {
            using var work = new WorkDirectory();
            work.File("r", "old");
            var error = Assert.Throws<StoreIOException>(() => NarRestorer.Restore(new MemoryStream(archive), work.Descriptor, "r\0"u8));
            Assert.Equal("PathExists", error.ErrorId);
            Assert.Equal("old", System.IO.File.ReadAllText($"{work.Path}/r"));
        }
    }

    [Fact]
    public void DoesNotFollowALinkInItsPlace()
    {
        _work.Folder("elsewhere");
        _work.Link("r", "elsewhere");
        Assert.Throws<StoreIOException>(() => Restore(NarText.Archive(Folder(("a", File("x"))))));
        _work.Link("s", "elsewhere/new");
        Assert.Throws<StoreIOException>(() => NarRestorer.Restore(new MemoryStream(NarText.Archive(File("x"))), _work.Descriptor, "s\0"u8));
        Assert.Empty(Directory.GetFileSystemEntries($"{_work.Path}/elsewhere"));
        Assert.True(_work.Exists("r") && _work.Exists("s"));
    }

    [Fact]
    public void NothingIsLeftOfWhatCannotBeRead()
    {
        foreach (var row in NarReaderTests.Hostile)
        {
            var error = Assert.Throws<NarFormatException>(() => Restore((byte[])row[1]));
            Assert.Equal((string)row[0], error.ErrorId);
            Assert.Empty(Directory.GetFileSystemEntries(_work.Path));
        }
    }

    [Fact]
    public void NothingIsLeftOfATruncatedTree()
    {
        WeirdTree.Make(_work, "t");
        var archive = NarDumperTests.Dump(_work, "t");
        Assert.Throws<NarFormatException>(() => Restore(archive[..^8]));
        Assert.False(_work.Exists("r"));
    }

    [Fact]
    public void NothingIsLeftWhenItIsStopped()
    {
        using var source = new CancellationTokenSource();
        var archive = NarText.Archive(Folder(("a", Folder(("b", File("x")))), ("c", File(new string('y', 1_000_000)))));
        var stream = new StoppingStream(archive, 400_000, source);
        Assert.Throws<OperationCanceledException>(() => NarRestorer.Restore(stream, _work.Descriptor, "r\0"u8, s_quick, source.Token));
        Assert.False(_work.Exists("r"));
    }

    [SkippableFact]
    public void FullDisksAreTypedAndNothingIsLeft()
    {
        using (var process = Process.Start(new ProcessStartInfo("mount", ["-t", "tmpfs", "-o", "size=1m", "none", _work.Path]) { RedirectStandardError = true })!)
        {
            process.WaitForExit();
            Skip.If(process.ExitCode != 0, "mounting is not allowed");
        }

        try
        {
            using var parent = Posix.Open(_work.Path, OpenFlags.ReadOnly | OpenFlags.Directory);
            var archive = NarText.Archive(Folder(("a", File("x")), ("b", File(new string('y', 3_000_000)))));
            var error = Assert.Throws<StoreIOException>(() => NarRestorer.Restore(new MemoryStream(archive), parent, "r\0"u8, s_quick));
            Assert.Equal("DiskFull", error.ErrorId);
            Assert.Equal(StoreErrorKind.DiskFull, error.Kind);
            Assert.Empty(Directory.GetFileSystemEntries(_work.Path));
        }
        finally
        {
            Process.Start("umount", ["-l", _work.Path]).WaitForExit();
        }
    }

    [Fact]
    public void StopsAtTheEndOfAnEmbeddedArchive()
    {
        var archive = NarText.Archive(File("x"));
        var stream = new MemoryStream([.. archive, 1, 2, 3]);
        NarRestorer.Restore(stream, _work.Descriptor, "r\0"u8, s_quick with { IsEmbedded = true });
        Assert.Equal(archive.Length, stream.Position);
    }

    [Fact]
    public void MutationsNeverEscape()
    {
        _work.Folder("inner");
        using var inner = Posix.OpenAt(_work.Descriptor, "inner\0"u8, OpenFlags.ReadOnly | OpenFlags.Directory);
        var good = NarText.Archive(Folder(("aa", Folder(("bb", File("x")), ("cc", Link("../../../outside")))), ("dd", File("y"))));
        var random = new Random(1);
        for (var round = 0; round < 500; round++)
        {
            var bad = (byte[])good.Clone();
            for (var flips = random.Next(1, 5); flips > 0; flips--)
            {
                bad[random.Next(bad.Length)] = "./\0abcd"u8[random.Next(7)];
            }

            try
            {
                NarRestorer.Restore(new MemoryStream(bad), inner, "r\0"u8, s_quick);
                TreeRemover.Remove(inner, "r\0"u8);
            }
            catch (NarFormatException)
            {
            }

            Assert.Empty(Directory.GetFileSystemEntries($"{_work.Path}/inner"));
        }

        Assert.Single(Directory.GetFileSystemEntries(_work.Path));
    }

    [SkippableFact]
    public void AgreesWithRealNix()
    {
        using var nix = RealNix.NewStore();
        WeirdTree.Make(_work, "t");
        var archive = NarDumperTests.Dump(_work, "t");
        nix.RunRaw("nix-store", archive, "--restore", $"{nix.Root}/restored");
        using var root = Posix.Open(nix.Root, OpenFlags.ReadOnly | OpenFlags.Directory);
        using var hasher = new NarHasher();
        Assert.Equal(new NixHash(NixHashAlgorithm.Sha256, SHA256.HashData(archive)), hasher.HashTree(root, "restored\0"u8).Hash);
        Restore(archive);
        Assert.Equal(archive, nix.RunRaw("nix-store", [], "--dump", $"{_work.Path}/r"));
    }

    private RestoredNar Restore(byte[] archive, NarRestoreOptions? options = null)
        => NarRestorer.Restore(new MemoryStream(archive), _work.Descriptor, "r\0"u8, options ?? s_quick);

    private sealed class StoppingStream(byte[] bytes, int after, CancellationTokenSource source) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            if (Position > after)
            {
                source.Cancel();
            }

            return base.Read(buffer, offset, Math.Min(count, 100_000));
        }
    }
}
