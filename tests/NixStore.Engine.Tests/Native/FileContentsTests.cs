using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Native;

public sealed class FileContentsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(300_000)]
    public void What_was_written_is_read(int length)
    {
        var bytes = new byte[length];
        Random.Shared.NextBytes(bytes);
        using var file = Create("file");
        Posix.WriteAll(file, bytes);

        using var again = Posix.Open(_directory["file"], OpenFlags.ReadOnly);
        Assert.Equal(bytes, Posix.ReadAll(again));
        Assert.Equal(length, Posix.Status(file).Size);
    }

    [Fact]
    public void A_file_that_claims_to_be_empty_is_read_all_the_same()
    {
        using var file = Posix.Open("/proc/self/status", OpenFlags.ReadOnly);

        Assert.Equal("Name:"u8, Posix.ReadAll(file).AsSpan(0, 5));
    }

    [Fact]
    public void A_file_beyond_the_limit_is_refused()
    {
        using var file = Create("file");
        Posix.WriteAll(file, new byte[101]);

        using var again = Posix.Open(_directory["file"], OpenFlags.ReadOnly);
        Assert.Equal("FileTooLarge", Assert.Throws<NixStoreException>(() => Posix.ReadAll(again, 100)).ErrorId);
        using var fitting = Posix.Open(_directory["file"], OpenFlags.ReadOnly);
        Assert.Equal(101, Posix.ReadAll(fitting, 101).Length);
    }

    [Fact]
    public void Pread_leaves_the_position()
    {
        using var file = Create("file");
        Posix.WriteAll(file, "abcdef"u8);
        using var again = Posix.Open(_directory["file"], OpenFlags.ReadOnly);
        var buffer = new byte[3];

        Assert.Equal(3, Posix.Pread(again, buffer, 2));
        Assert.Equal("cde"u8, buffer);
        Assert.Equal(0, Posix.Pread(again, buffer, 6));
        Assert.Equal("abcdef"u8, Posix.ReadAll(again));
    }

    [Fact]
    public void Truncate_cuts()
    {
        using var file = Create("file");
        Posix.WriteAll(file, "abcdef"u8);

        Posix.Truncate(file, 2);

        Assert.Equal(2, Posix.Status(file).Size);
    }

    [Fact]
    public void Reading_a_directory_names_it()
    {
        using var directory = Posix.Open(_directory.Path, OpenFlags.ReadOnly);

        var error = Assert.Throws<StoreIOException>(() => Posix.Read(directory, new byte[1]));

        Assert.Equal((Errno.IsDirectory, _directory.Path), (error.ErrorNumber, error.Target));
    }

    [Fact]
    public void Writing_to_a_full_device_is_DiskFull()
    {
        using var full = Posix.Open("/dev/full", OpenFlags.WriteOnly);

        Assert.Equal("DiskFull", Assert.Throws<StoreIOException>(() => Posix.WriteAll(full, "x"u8)).ErrorId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/dev/shm")]
    public void Contents_are_copied_on_one_file_system_and_across(string parent)
    {
        using var elsewhere = new OtherDirectory(parent.Length == 0 ? _directory.Path : parent);
        var bytes = new byte[200_000];
        Random.Shared.NextBytes(bytes);
        using var source = Create("source");
        Posix.WriteAll(source, bytes);
        using var from = Posix.Open(_directory["source"], OpenFlags.ReadOnly);
        using var target = Posix.Open(elsewhere.File, OpenFlags.ReadWrite | OpenFlags.Create, 0x180);

        Posix.CopyContents(from, target, bytes.Length);

        var copy = new byte[bytes.Length + 1];
        Assert.Equal(bytes.Length, Posix.Pread(target, copy, 0));
        Assert.Equal(bytes, copy[..^1]);
    }

    [Fact]
    public void Files_directories_and_file_systems_are_synced()
    {
        using var file = Create("file");
        using var directory = Posix.Open(_directory.Path, OpenFlags.ReadOnly | OpenFlags.Directory);

        Posix.Fsync(file);
        Posix.Fsync(directory);
        Posix.Syncfs(directory);
        Posix.AdviseSequential(file);
    }

    private FileDescriptor Create(string name) => Posix.Open(_directory[name], OpenFlags.WriteOnly | OpenFlags.Create, 0x180);

    private sealed class OtherDirectory(string parent) : IDisposable
    {
        private readonly string _path = Directory.CreateDirectory($"{parent}/nixstore-test-{Guid.NewGuid():n}").FullName;

        public string File => $"{_path}/copy";

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }
}
