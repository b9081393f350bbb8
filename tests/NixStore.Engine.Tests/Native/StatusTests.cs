using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Native;

public sealed class StatusTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Every_field_is_what_stat_prints()
    {
        File.WriteAllText(_directory["file"], new string('x', 5000));
        Command.Run("/bin/sh", "-c", $"cd {_directory.Path} && chmod 4751 file && ln file other && touch -m -d '@1.5' file && touch -a -d '@12345678' file");

        Assert.True(Posix.TryStatus(_directory["file"], out var status, out _));

        Assert.Equal(Command.Run("stat", "-c", "%a %h %u %g %i %s %b %X %Y %Z", _directory["file"]),
            $"{Convert.ToString(status.Mode, 8)} {status.LinkCount} {status.Owner} {status.Group} {status.Inode} {status.Size} {status.AllocatedBytes / 512} "
            + $"{status.AccessTime.ToUnixTimeSeconds()} {status.ModificationSeconds} {status.ChangeTime.ToUnixTimeSeconds()}");
        Assert.Equal(500_000_000u, status.ModificationNanoseconds);
        Assert.Equal(1500, status.ModificationTime.ToUnixTimeMilliseconds());
        Assert.True(status.IsExecutable);
        Assert.Equal(FileType.Regular, status.Type);
    }

    [Theory]
    [InlineData("mkdir x", FileType.Directory)]
    [InlineData("mkfifo x", FileType.Fifo)]
    [InlineData("ln -s /absent x", FileType.SymbolicLink)]
    [InlineData("touch x", FileType.Regular)]
    public void Types_are_told_apart(string make, FileType type)
    {
        Command.Run("/bin/sh", "-c", $"cd {_directory.Path} && {make}");

        Assert.True(Posix.TryStatus(_directory["x"], out var status, out _));

        Assert.Equal(type, status.Type);
    }

    [Fact]
    public void What_is_absent_gives_the_reason()
    {
        Assert.False(Posix.TryStatus(_directory["absent"], out _, out var error));
        Assert.Equal(Errno.NoEntry, error);
        Assert.Equal(_directory["absent"],
            Assert.Throws<StoreIOException>(() => Posix.StatusAt(FileDescriptor.WorkingDirectory, ByteName.From(_directory["absent"]))).Target);
    }

    [Fact]
    public void A_descriptor_knows_its_file()
    {
        using var file = Posix.Open(_directory["file"], OpenFlags.WriteOnly | OpenFlags.Create, 0x180);
        Posix.UnlinkAt(FileDescriptor.WorkingDirectory, ByteName.From(_directory["file"]));

        Assert.Equal(0, Posix.Status(file).LinkCount);
    }

    [Fact]
    public void The_file_system_has_a_size_and_flags()
    {
        using var directory = Posix.Open(_directory.Path, OpenFlags.ReadOnly | OpenFlags.Directory);

        var status = Posix.FileSystemStatus(directory);

        Assert.Equal(Command.Run("stat", "-f", "-c", "%b %S", _directory.Path).Split(' ').Select(long.Parse).Aggregate((a, b) => a * b), status.TotalBytes);
        Assert.InRange(status.AvailableBytes, 1, status.TotalBytes);
        Assert.False(status.IsReadOnly);
    }

    [SkippableFact]
    public void A_read_only_mount_is_seen() => MountNamespace.Run(space =>
    {
        space.MakeReadOnly(_directory.Path);
        using var directory = Posix.Open(_directory.Path, OpenFlags.ReadOnly | OpenFlags.Directory);

        Assert.True(Posix.FileSystemStatus(directory).IsReadOnly);
        Assert.Equal("ReadOnlyFileSystem", Assert.Throws<StoreIOException>(() => Posix.MkdirAt(directory, "d\0"u8, 0x1ed)).ErrorId);
    });

    [Fact]
    public void Times_beyond_the_calendar_are_clamped()
    {
        File.WriteAllText(_directory["file"], "");
        using var directory = Posix.Open(_directory.Path, OpenFlags.ReadOnly | OpenFlags.Directory);
        Posix.SetModificationTimeAt(directory, "file\0"u8, -2_000_000_000);

        Assert.Equal(1906, Posix.StatusAt(directory, "file\0"u8).ModificationTime.Year);
    }
}
