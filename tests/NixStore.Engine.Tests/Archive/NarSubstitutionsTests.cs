using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Support;
using static NixStore.Engine.Tests.Support.NarText;

namespace NixStore.Engine.Tests.Archive;

public sealed class NarSubstitutionsTests : IDisposable
{
    private readonly WorkDirectory _work = new();

    public NarSubstitutionsTests()
    {
        _work.Folder("t");
        _work.File("t/b", "bad");
        _work.Folder("t/d");
        _work.File("t/d/x", "x");
        _work.File("other", "good");
    }

    public void Dispose() => _work.Dispose();

    [Fact]
    public void ReplacesContentsByAnOpenFile()
    {
        using var other = Posix.OpenAt(_work.Descriptor, "other\0"u8, OpenFlags.ReadOnly);
        var changes = new NarSubstitutions().With("b"u8, new NarReplacement.OpenFile(other, IsExecutable: true));
        var expected = NarText.Archive(Folder(("b", File("good", executable: true)), ("d", Folder(("x", File("x"))))));
        Assert.Equal(expected, Dump(changes));
        Assert.Equal(expected, Dump(changes));
    }

    [Fact]
    public void ReplacesByBytesLinksAndDirectories()
    {
        var changes = new NarSubstitutions()
            .With("b"u8, new NarReplacement.Contents("new"u8.ToArray(), IsExecutable: false))
            .With("d/x"u8, new NarReplacement.Link(ByteString.FromText("../b")))
            .With("d/e"u8, new NarReplacement.EmptyDirectory());
        Assert.Equal(NarText.Archive(Folder(("b", File("new")), ("d", Folder(("e", Folder()), ("x", Link("../b")))))), Dump(changes));
    }

    [Fact]
    public void AddsAndRemoves()
    {
        var changes = new NarSubstitutions()
            .With("a"u8, new NarReplacement.Contents("1"u8.ToArray(), false))
            .With("z"u8, new NarReplacement.Contents("2"u8.ToArray(), false))
            .With("b"u8, new NarReplacement.Absent())
            .With("missing"u8, new NarReplacement.Absent());
        Assert.Equal(NarText.Archive(Folder(("a", File("1")), ("d", Folder(("x", File("x")))), ("z", File("2")))), Dump(changes));
    }

    [Fact]
    public void ReplacesByAnotherTree()
    {
        var changes = new NarSubstitutions()
            .With("b"u8, new NarReplacement.Tree(_work.Descriptor, ByteName.From("t/d")))
            .With("c"u8, new NarReplacement.Tree(_work.Descriptor, ByteName.From("other")));
        Assert.Equal(
            NarText.Archive(Folder(("b", Folder(("x", File("x")))), ("c", File("good")), ("d", Folder(("x", File("x")))))), Dump(changes));
    }

    [Fact]
    public void ReplacesTheRoot()
    {
        Assert.Equal(NarText.Archive(File("x")), Dump(new NarSubstitutions().With(default, new NarReplacement.Tree(_work.Descriptor, ByteName.From("t/d/x")))));
        Assert.Equal(NarText.Archive(Link("y")), Dump(new NarSubstitutions().With(default, new NarReplacement.Link(ByteString.FromText("y")))));
    }

    [Fact]
    public void ChangesTheExecutableBitOnly()
    {
        var changes = new NarSubstitutions().With("b"u8, new NarReplacement.ExecutableBit(true));
        Assert.Equal(NarText.Archive(Folder(("b", File("bad", executable: true)), ("d", Folder(("x", File("x")))))), Dump(changes));
    }

    [Fact]
    public void TheLastWordOnAPathCounts()
    {
        var changes = new NarSubstitutions().With("b"u8, new NarReplacement.Absent()).With("b"u8, new NarReplacement.Contents("1"u8.ToArray(), false));
        Assert.Equal(NarText.Archive(Folder(("b", File("1")), ("d", Folder(("x", File("x")))))), Dump(changes));
    }

    private byte[] Dump(NarSubstitutions changes) => NarDumperTests.Dump(_work, "t", null, changes);
}
