using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Native;

public sealed class NoAccessTimeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Reading_and_listing_leave_the_access_time()
    {
        File.WriteAllText(_directory["file"], "x");
        var untouched = new Untouched([_directory.Path]);

        using (var directory = Posix.Open(_directory.Path, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime))
        using (var file = Posix.OpenAt(directory, "file\0"u8, OpenFlags.ReadOnly | OpenFlags.NoAccessTime))
        {
            Assert.Equal("x"u8, Posix.ReadAll(file));
            using var entries = new DirectoryEntries(directory);
            Assert.True(entries.MoveNext());
        }

        untouched.Verify();
    }

    [SkippableFact]
    public void A_file_of_somebody_else_is_opened_all_the_same()
    {
        Skip.If(Posix.EffectiveUserId == 0, "ROOT: the kernel lets root leave any access time alone");

        using var file = Posix.Open("/etc/passwd", OpenFlags.ReadOnly | OpenFlags.NoAccessTime);

        Assert.NotEmpty(Posix.ReadAll(file));
    }
}
