using System.Text;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Support;

namespace NixStore.Engine.Tests.Archive;

public sealed class NarObserverTests : IDisposable
{
    private readonly WorkDirectory _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public void SeesEveryFileOnceInOrder()
    {
        _work.Folder("t");
        _work.File("t/b", "contents", 0b111_101_101);
        _work.File("t/empty");
        _work.Folder("t/a");
        _work.Link("t/a/l", "target");
        _work.Folder("t/a/z");
        _work.File("t/a/z/f", new byte[NarSink.BufferSize * 2]);
        var recorder = new Recorder();
        NarDumperTests.Dump(_work, "t", recorder);
        Assert.Equal(
            ["d ", "d a", "l a/l target", "d a/z", "f a/z/f", $"e a/z/f {NarSink.BufferSize * 2}", "f b", "e b 8", "f empty", "e empty 0"], recorder.Seen);
        Assert.Equal(0b111_101_101, recorder.ModeOfB);
    }

    [Fact]
    public void ChangesNothingInTheArchive()
    {
        WeirdTree.Make(_work, "t");
        Assert.Equal(NarDumperTests.Dump(_work, "t"), NarDumperTests.Dump(_work, "t", new Recorder()));
    }

    [SkippableFact]
    public void SeesExtendedAttributes()
    {
        _work.Folder("t");
        _work.File("t/a");
        _work.File("t/b");
        _work.Link("t/l", "b");
        using (var process = System.Diagnostics.Process.Start("setfattr", $"-n user.test -v 1 {_work.Path}/t/b"))
        {
            process.WaitForExit();
            Skip.If(process.ExitCode != 0, "the file system has no extended attributes");
        }

        var lister = new AttributeLister();
        NarDumperTests.Dump(_work, "t", lister);
        Assert.Equal("user.test", lister.Attributes["b"]);
        Assert.DoesNotContain("user.test", lister.Attributes["a"]);
        Assert.DoesNotContain("user.test", lister.Attributes["l"]);
        Assert.DoesNotContain("user.test", lister.Attributes[""]);
    }

    private sealed class Recorder : NarObserver
    {
        private long _contents;

        public List<string> Seen { get; } = [];

        public int ModeOfB { get; private set; }

        public override void OnDirectory(in NarFile file) => Seen.Add($"d {Path(file.RelativePath)}");

        public override void OnSymlink(in NarFile file, ReadOnlySpan<byte> target)
        {
            Assert.Equal(FileType.SymbolicLink, file.Status.Type);
            Seen.Add($"l {Path(file.RelativePath)} {Path(target)}");
        }

        public override void OnRegular(in NarFile file)
        {
            _contents = 0;
            Seen.Add($"f {Path(file.RelativePath)}");
            ModeOfB = file.RelativePath.SequenceEqual("b"u8) ? file.Status.Mode : ModeOfB;
        }

        public override void OnContents(ReadOnlySpan<byte> piece) => _contents += piece.Length;

        public override void OnRegularEnd(ReadOnlySpan<byte> relativePath) => Seen.Add($"e {Path(relativePath)} {_contents}");

        private static string Path(ReadOnlySpan<byte> path) => Encoding.UTF8.GetString(path);
    }

    private sealed class AttributeLister : NarObserver
    {
        public Dictionary<string, string> Attributes { get; } = [];

        public override void OnDirectory(in NarFile file) => List(file);

        public override void OnRegular(in NarFile file) => List(file);

        public override void OnSymlink(in NarFile file, ReadOnlySpan<byte> target) => List(file);

        private void List(in NarFile file)
        {
            Span<byte> list = stackalloc byte[1024];
            var length = file.ListExtendedAttributes(list);
            Assert.True(length >= 0);
            Attributes.Add(Encoding.UTF8.GetString(file.RelativePath), Encoding.UTF8.GetString(list[..length]).TrimEnd('\0'));
        }
    }
}
