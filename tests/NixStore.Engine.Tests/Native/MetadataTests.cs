using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Native;

public sealed class MetadataTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FileDescriptor _open;

    public MetadataTests()
    {
        _open = Posix.Open(_directory.Path, OpenFlags.ReadOnly | OpenFlags.Directory);
        File.WriteAllText(_directory["file"], "");
        File.CreateSymbolicLink(_directory["link"], "file");
    }

    public void Dispose()
    {
        _open.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Modes_are_set_by_name_and_by_descriptor()
    {
        Posix.FchmodAt(_open, "file\0"u8, 0x124);
        Assert.Equal(0x124, Posix.StatusAt(_open, "file\0"u8).Mode);

        using var file = Posix.OpenAt(_open, "file\0"u8, OpenFlags.ReadOnly);
        Posix.Fchmod(file, 0x16d);
        Assert.Equal(0x16d, Posix.StatusAt(_open, "file\0"u8).Mode);
    }

    [Fact]
    public void Modification_times_are_set_on_links_themselves_and_access_times_left()
    {
        var before = Posix.StatusAt(_open, "file\0"u8);

        Posix.SetModificationTimeAt(_open, "link\0"u8, 1);

        Assert.Equal(1, Posix.StatusAt(_open, "link\0"u8).ModificationSeconds);
        Assert.Equal(before.ModificationTime, Posix.StatusAt(_open, "file\0"u8).ModificationTime);

        using var file = Posix.OpenAt(_open, "file\0"u8, OpenFlags.ReadOnly);
        Posix.SetModificationTime(file, 1);
        Assert.Equal((1L, 0u), (Posix.Status(file).ModificationSeconds, Posix.Status(file).ModificationNanoseconds));
        Assert.Equal(before.AccessTime, Posix.Status(file).AccessTime);
    }

    [SkippableFact]
    public void Owners_are_set_on_links_themselves()
    {
        Skip.IfNot(Posix.EffectiveUserId == 0, "NOT ROOT: only root may give files away");

        Posix.FchownAt(_open, "link\0"u8, 12, 34);

        var link = Posix.StatusAt(_open, "link\0"u8);
        Assert.Equal((12u, 34u), (link.Owner, link.Group));
        Assert.Equal(0u, Posix.StatusAt(_open, "file\0"u8).Owner);
    }

    [Fact]
    public void Failures_name_the_file()
    {
        foreach (var action in new Action[]
        {
            () => Posix.FchmodAt(_open, "absent\0"u8, 0x124),
            () => Posix.SetModificationTimeAt(_open, "absent\0"u8, 1),
            () => Posix.FchownAt(_open, "absent\0"u8, 0, 0),
        })
        {
            var error = Assert.Throws<StoreIOException>(action);
            Assert.Equal(("PathNotFound", _directory["absent"]), (error.ErrorId, error.Target));
        }
    }

    [SkippableFact]
    public void Extended_attributes_are_listed_and_removed()
    {
        SetAttribute("file", "user.one");
        SetAttribute("file", "user.two");
        using var file = Posix.OpenAt(_open, "file\0"u8, OpenFlags.ReadOnly);

        Assert.Equal(["user.one", "user.two"], Posix.ListExtendedAttributes(file).Select(name => ByteName.ToDisplay(name)).Order());

        Posix.RemoveExtendedAttribute(file, "user.one"u8);
        Posix.RemoveExtendedAttribute(file, "user.one"u8);
        Posix.RemoveExtendedAttribute(ByteName.From(_directory["file"]), "user.two"u8);
        Assert.Empty(Posix.ListExtendedAttributes(ByteName.From(_directory["file"])));
    }

    [Fact]
    public void A_link_has_none_of_its_targets_attributes() => Assert.Empty(Posix.ListExtendedAttributes(ByteName.From(_directory["link"])));

    [Fact]
    public void A_file_system_without_attributes_has_none()
    {
        using var file = Posix.Open("/proc/self/status", OpenFlags.ReadOnly);

        Assert.Empty(Posix.ListExtendedAttributes(file));
    }

    private void SetAttribute(string name, string attribute)
    {
        Skip.IfNot(Command.Exists("python3"), "TOOLS MISSING: python3 sets the attributes");
        var result = Command.Try(new Dictionary<string, string>(), "python3", "-c", "import os,sys; os.setxattr(sys.argv[1], sys.argv[2], b'1')",
            _directory[name], attribute);
        Skip.IfNot(result.ExitCode == 0, $"NO EXTENDED ATTRIBUTES on {_directory.Path}: {result.Error}");
    }
}
