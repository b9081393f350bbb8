using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Native;

public sealed class NamesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FileDescriptor _open;

    public NamesTests() => _open = Posix.Open(_directory.Path, OpenFlags.ReadOnly | OpenFlags.Directory);

    public void Dispose()
    {
        _open.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Exchange_swaps_two_names_of_different_kinds()
    {
        File.WriteAllText(_directory["a"], "contents");
        Directory.CreateDirectory(_directory["b"]);

        Posix.ExchangeAt(_open, "a\0"u8, _open, "b\0"u8);

        Assert.True(Directory.Exists(_directory["a"]));
        Assert.Equal("contents", File.ReadAllText(_directory["b"]));
    }

    [Fact]
    public void Exchange_with_nothing_is_an_error_that_names_both()
    {
        File.WriteAllText(_directory["a"], "");

        var error = Assert.Throws<StoreIOException>(() => Posix.ExchangeAt(_open, "a\0"u8, _open, "absent\0"u8));

        Assert.Equal(("PathNotFound", _directory["a"]), (error.ErrorId, error.Target));
        Assert.Contains(_directory["absent"], error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(_directory["a"]));
    }

    [Fact]
    public void Rename_replaces_and_NoReplace_does_not()
    {
        File.WriteAllText(_directory["a"], "new");
        File.WriteAllText(_directory["b"], "old");

        var error = Assert.Throws<StoreIOException>(() => Posix.RenameNoReplaceAt(_open, "a\0"u8, _open, "b\0"u8));
        Assert.Equal(("PathExists", "old"), (error.ErrorId, File.ReadAllText(_directory["b"])));

        Posix.RenameAt(_open, "a\0"u8, _open, "b\0"u8);
        Assert.Equal("new", File.ReadAllText(_directory["b"]));
        Assert.False(File.Exists(_directory["a"]));
    }

    [SkippableFact]
    public void Another_file_system_is_told_apart()
    {
        Skip.IfNot(Directory.Exists("/dev/shm"), "NO SECOND FILE SYSTEM: /dev/shm is missing");
        using var other = Posix.Open("/dev/shm", OpenFlags.ReadOnly | OpenFlags.Directory);
        Skip.If(Posix.Status(other).Device == Posix.Status(_open).Device, "NO SECOND FILE SYSTEM: /dev/shm is the same");
        File.WriteAllText(_directory["a"], "");

        var error = Assert.Throws<StoreIOException>(() => Posix.RenameAt(_open, "a\0"u8, other, "nixstore-test\0"u8));

        Assert.Equal(Errno.CrossDevice, error.ErrorNumber);
    }

    [Fact]
    public void A_full_directory_is_not_removed()
    {
        Posix.MkdirAt(_open, "d\0"u8, 0x1ed);
        File.WriteAllText(_directory["d/file"], "");

        var error = Assert.Throws<StoreIOException>(() => Posix.RmdirAt(_open, "d\0"u8));

        Assert.Equal(("PathExists", Errno.NotEmpty, _directory["d"]), (error.ErrorId, error.ErrorNumber, error.Target));
    }

    [Fact]
    public void Names_are_removed_by_their_kind()
    {
        Posix.MkdirAt(_open, "d\0"u8, 0x1ed);
        File.WriteAllText(_directory["f"], "");

        Assert.Equal(Errno.IsDirectory, Assert.Throws<StoreIOException>(() => Posix.UnlinkAt(_open, "d\0"u8)).ErrorNumber);
        Assert.Equal(Errno.NotDirectory, Assert.Throws<StoreIOException>(() => Posix.RmdirAt(_open, "f\0"u8)).ErrorNumber);
        Posix.RmdirAt(_open, "d\0"u8);
        Posix.UnlinkAt(_open, "f\0"u8);
        Assert.Equal(Errno.NoEntry, Assert.Throws<StoreIOException>(() => Posix.UnlinkAt(_open, "f\0"u8)).ErrorNumber);
    }

    [Fact]
    public void A_directory_is_made_once()
    {
        Posix.MkdirAt(_open, "d\0"u8, 0x1ed);

        Assert.Equal("PathExists", Assert.Throws<StoreIOException>(() => Posix.MkdirAt(_open, "d\0"u8, 0x1ed)).ErrorId);
    }

    [Fact]
    public void Targets_of_symbolic_links_are_bytes()
    {
        byte[] target = [0xe9, (byte)'\n', (byte)'x'];

        Posix.SymlinkAt(ByteName.From(target), _open, "l\0"u8);

        Assert.Equal(target, Posix.ReadLinkAt(_open, "l\0"u8));
        Assert.Equal(3, Posix.StatusAt(_open, "l\0"u8).Size);
    }

    [Fact]
    public void The_longest_target_is_read_whole()
    {
        var target = Enumerable.Repeat((byte)'x', 4095).ToArray();

        Posix.SymlinkAt(ByteName.From(target), _open, "l\0"u8);

        Assert.Equal(target, Posix.ReadLinkAt(_open, "l\0"u8));
    }

    [Fact]
    public void Only_a_link_can_be_read()
    {
        File.WriteAllText(_directory["f"], "");

        Assert.Equal(Errno.Invalid, Assert.Throws<StoreIOException>(() => Posix.ReadLinkAt(_open, "f\0"u8)).ErrorNumber);
    }

    [Fact]
    public void A_hard_link_is_the_same_file_and_does_not_follow()
    {
        Posix.SymlinkAt("absent\0"u8, _open, "l\0"u8);

        Posix.LinkAt(_open, "l\0"u8, _open, "m\0"u8);

        Assert.True(Posix.StatusAt(_open, "l\0"u8).IsSameFile(Posix.StatusAt(_open, "m\0"u8)));
        Assert.Equal(2, Posix.StatusAt(_open, "m\0"u8).LinkCount);
    }
}
