using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Locks;

public sealed class PathLockTests : IDisposable
{
    private static readonly StorePath s_path = SmallStore.PathOf("a");
    private readonly TemporaryDirectory _directory = new();
    private readonly FileDescriptor _store;

    public PathLockTests() => _store = Posix.Open(_directory.Path, OpenFlags.ReadOnly | OpenFlags.Directory);

    public void Dispose()
    {
        _store.Dispose();
        _directory.Dispose();
    }

    private string LockPath => _directory[s_path.BaseName + ".lock"];

    [Fact]
    public void It_is_beside_the_path_empty_private_and_exclusive()
    {
        using var held = PathLock.Acquire(_store, s_path, TimeSpan.Zero, CancellationToken.None);

        Assert.Equal((0L, (UnixFileMode)0x180), (new FileInfo(LockPath).Length, File.GetUnixFileMode(LockPath)));
        using var other = OpenAsNix();
        Assert.False(Posix.TryFlock(other, LockMode.Shared));
    }

    [Fact]
    public void Whoever_waited_sees_by_the_contents_that_the_file_is_gone()
    {
        var held = PathLock.Acquire(_store, s_path, TimeSpan.Zero, CancellationToken.None);
        using var waiting = OpenAsNix();

        held.Dispose();

        Assert.True(Posix.TryFlock(waiting, LockMode.Exclusive));
        Assert.Equal("d"u8, Posix.ReadAll(waiting));
        Assert.False(File.Exists(LockPath));
    }

    [Fact]
    public async Task A_waiter_of_ours_goes_to_the_new_file_when_the_old_one_was_given_up()
    {
        using var builder = OpenAsNix();
        Assert.True(Posix.TryFlock(builder, LockMode.Exclusive));
        var waiter = Task.Run(() => PathLock.Acquire(_store, s_path, Timeout.InfiniteTimeSpan, CancellationToken.None));
        UntilOpenTwice();

        Posix.UnlinkAt(_store, ByteName.From(s_path.BaseName + ".lock"));
        Posix.WriteAll(builder, "d"u8);
        Posix.Unlock(builder);

        using var held = await waiter;
        Assert.Equal(0, new FileInfo(LockPath).Length);
        using var next = OpenAsNix();
        Assert.False(Posix.TryFlock(next, LockMode.Exclusive));
    }

    [Fact]
    public async Task A_file_that_was_unlinked_without_a_mark_protects_nothing_and_is_not_used()
    {
        using var builder = OpenAsNix();
        Assert.True(Posix.TryFlock(builder, LockMode.Exclusive));
        var waiter = Task.Run(() => PathLock.Acquire(_store, s_path, Timeout.InfiniteTimeSpan, CancellationToken.None));
        UntilOpenTwice();

        File.Delete(LockPath);
        Posix.Unlock(builder);

        using var held = await waiter;
        Assert.True(File.Exists(LockPath));
    }

    [Fact]
    public void An_empty_file_left_by_a_killed_builder_is_taken_over()
    {
        File.WriteAllText(LockPath, "");

        PathLock.Acquire(_store, s_path, TimeSpan.Zero, CancellationToken.None).Dispose();

        Assert.False(File.Exists(LockPath));
    }

    [Fact]
    public void A_file_that_is_marked_but_still_there_is_no_dead_end()
    {
        File.WriteAllText(LockPath, "d");

        using var held = PathLock.Acquire(_store, s_path, TimeSpan.Zero, CancellationToken.None);

        Assert.Equal(0, new FileInfo(LockPath).Length);
    }

    [Fact]
    public void A_builder_that_does_not_end_is_StoreLocked_and_waiting_can_be_cancelled()
    {
        using var builder = OpenAsNix();
        Assert.True(Posix.TryFlock(builder, LockMode.Exclusive));
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));

        var error = Assert.Throws<NixStoreException>(() => PathLock.Acquire(_store, s_path, TimeSpan.Zero, CancellationToken.None));
        Assert.Equal(("StoreLocked", LockPath), (error.ErrorId, error.Target));
        Assert.Throws<OperationCanceledException>(() => PathLock.Acquire(_store, s_path, Timeout.InfiniteTimeSpan, cancellation.Token));
    }

    [Fact]
    public void A_symbolic_link_in_its_place_is_not_followed()
    {
        File.CreateSymbolicLink(LockPath, _directory["elsewhere"]);

        Assert.Equal("UnexpectedSymbolicLink", Assert.Throws<StoreIOException>(
            () => PathLock.Acquire(_store, s_path, TimeSpan.Zero, CancellationToken.None)).ErrorId);
        Assert.False(File.Exists(_directory["elsewhere"]));
    }

    [SkippableFact]
    public async Task Real_Nix_waits_for_us_and_goes_on_after_us()
    {
        var nix = RealNix.Require();
        using var store = new SmallStore();
        File.WriteAllText(store.Beside("file"), "x");
        var path = store.Location.Directory.Parse(nix.Store(store.Location, "--add", store.Beside("file")));
        nix.Store(store.Location, "--delete", store.Location.Directory.Print(path));
        using var directory = Posix.Open(store.Location.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory);
        var held = PathLock.Acquire(directory, path, TimeSpan.Zero, CancellationToken.None);

        var adding = nix.StartStore(store.Location, new Dictionary<string, string>(), "--add", store.Beside("file"));
        await UntilWaiting(adding);
        Assert.False(File.Exists(store.Location.RealPathOf(path)));
        held.Dispose();

        Assert.Equal(0, Command.Finish(adding).ExitCode);
        Assert.True(File.Exists(store.Location.RealPathOf(path)));
        Assert.False(File.Exists(store.Location.RealPathOf(path) + ".lock"));
    }

    private FileDescriptor OpenAsNix() => Posix.Open(LockPath, OpenFlags.ReadWrite | OpenFlags.Create, 0x180);

    /// <summary>Until the waiter has the file open beside the builder.</summary>
    private void UntilOpenTwice()
    {
        while (Directory.EnumerateFiles("/proc/self/fd").Count(link => new FileInfo(link).LinkTarget == LockPath) < 2)
        {
            Thread.Sleep(2);
        }
    }

    /// <summary>Until the kernel lists a process as waiting for a lock.</summary>
    private static async Task UntilWaiting(System.Diagnostics.Process process)
    {
        while (!File.ReadLines("/proc/locks").Any(line => line.Contains("-> FLOCK", StringComparison.Ordinal)
            && line.Contains($" {process.Id} ", StringComparison.Ordinal)))
        {
            Assert.False(process.HasExited, "it did not wait");
            await Task.Delay(5);
        }
    }
}
