using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Locks;

public sealed class CollectorLockTests : IDisposable
{
    private readonly SmallStore _store = new();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(LockMode.Exclusive)]
    [InlineData(LockMode.Shared)]
    public void Held_by_a_collection_or_a_verification_it_is_waited_for_only_so_long(LockMode mode)
    {
        using var other = Open();
        Assert.True(Posix.TryFlock(other, mode));
        var waited = 0;

        var error = Assert.Throws<NixStoreException>(
            () => CollectorLock.Acquire(_store.Location, TimeSpan.FromMilliseconds(50), () => waited++, CancellationToken.None));

        Assert.Equal(("StoreLocked", StoreErrorKind.Busy, Path, 1), (error.ErrorId, error.Kind, error.Target, waited));
    }

    [Fact]
    public async Task It_is_ours_as_soon_as_the_other_ends()
    {
        using var other = Open();
        Assert.True(Posix.TryFlock(other, LockMode.Exclusive));
        using var isWaiting = new ManualResetEventSlim();
        var acquiring = Task.Run(() => CollectorLock.Acquire(_store.Location, Timeout.InfiniteTimeSpan, isWaiting.Set, CancellationToken.None));
        Assert.True(isWaiting.Wait(TimeSpan.FromMinutes(2)));

        other.Dispose();
        using var held = await acquiring;

        using var third = Open();
        Assert.False(Posix.TryFlock(third, LockMode.Shared));
    }

    [Fact]
    public void Waiting_can_be_cancelled()
    {
        using var other = Open();
        Assert.True(Posix.TryFlock(other, LockMode.Exclusive));
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));

        Assert.Throws<OperationCanceledException>(() => CollectorLock.Acquire(_store.Location, Timeout.InfiniteTimeSpan, null, cancellation.Token));
    }

    [Fact]
    public void Free_again_it_is_taken_without_waiting()
    {
        CollectorLock.Acquire(_store.Location, TimeSpan.Zero, null, CancellationToken.None).Dispose();

        CollectorLock.Acquire(_store.Location, TimeSpan.Zero, () => Assert.Fail("nobody holds it"), CancellationToken.None).Dispose();

        Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(Path));
    }

    private string Path => $"{_store.Location.StateDirectory}/gc.lock";

    private FileDescriptor Open() => Posix.Open(Path, OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
}
