using System.Security.Cryptography;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Tests.Sources;

public sealed class NarDumpStreamTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("nixstore-test-").FullName;
    private readonly FileDescriptor _parent;

    public NarDumpStreamTests() => _parent = Posix.Open(_directory, OpenFlags.ReadOnly | OpenFlags.Directory);

    public void Dispose()
    {
        _parent.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(20_000_000)]
    public void Gives_what_the_dumper_gives(int size)
    {
        Directory.CreateDirectory($"{_directory}/tree/sub");
        File.WriteAllBytes($"{_directory}/tree/sub/file", RandomNumberGenerator.GetBytes(size));
        File.CreateSymbolicLink($"{_directory}/tree/link", "sub/file");
        using var hasher = new NarHasher();
        var expected = hasher.HashTree(_parent, ByteName.From("tree"));

        using var stream = new NarDumpStream(_parent, ByteName.From("tree"), default);

        Assert.Equal(expected, hasher.HashStream(stream));
    }

    [Fact]
    public void What_is_not_there_is_the_readers_error()
    {
        using var stream = new NarDumpStream(_parent, ByteName.From("absent"), default);

        var error = Assert.Throws<StoreIOException>(() => stream.ReadByte());

        Assert.Equal("PathNotFound", error.ErrorId);
    }

    [Fact]
    public void A_reader_that_gives_up_ends_the_dumper()
    {
        File.WriteAllBytes($"{_directory}/large", new byte[50_000_000]);
        var stream = new NarDumpStream(_parent, ByteName.From("large"), default);
        stream.ReadExactly(new byte[100]);

        stream.Dispose();

        Assert.DoesNotContain(OpenFiles(), file => file == $"{_directory}/large");
    }

    [Fact]
    public void Cancellation_ends_the_reading()
    {
        File.WriteAllBytes($"{_directory}/large", new byte[50_000_000]);
        using var cancellation = new CancellationTokenSource();
        using var stream = new NarDumpStream(_parent, ByteName.From("large"), cancellation.Token);
        stream.ReadExactly(new byte[100]);
        cancellation.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => stream.CopyTo(Stream.Null));
    }

    private static IEnumerable<string?> OpenFiles()
        => Directory.GetFiles("/proc/self/fd").Select(file => new FileInfo(file).LinkTarget);
}
