using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Locks;

public sealed class BigLockTests : IDisposable
{
    private readonly SmallStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Many_hold_it_and_a_migration_waits_for_all()
    {
        using var one = BigLock.AcquireShared(_store.Location, TimeSpan.Zero, CancellationToken.None);
        using (BigLock.AcquireShared(_store.Location, TimeSpan.Zero, CancellationToken.None))
        {
        }

        using var migration = Open();
        Assert.False(Posix.TryFlock(migration, LockMode.Exclusive));
        one.Dispose();
        Assert.True(Posix.TryFlock(migration, LockMode.Exclusive));
    }

    [Fact]
    public void While_a_migration_runs_the_error_names_the_lock()
    {
        using var migration = Open();
        Assert.True(Posix.TryFlock(migration, LockMode.Exclusive));

        var error = Assert.Throws<NixStoreException>(() => BigLock.AcquireShared(_store.Location, TimeSpan.Zero, CancellationToken.None));

        Assert.Equal(("StoreLocked", StoreErrorKind.Busy, Path), (error.ErrorId, error.Kind, error.Target));
    }

    [Fact]
    public void Waiting_can_be_cancelled()
    {
        using var migration = Open();
        Assert.True(Posix.TryFlock(migration, LockMode.Exclusive));
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));

        Assert.Throws<OperationCanceledException>(() => BigLock.AcquireShared(_store.Location, Timeout.InfiniteTimeSpan, cancellation.Token));
    }

    [Fact]
    public void Who_wants_it_alone_waits_for_all_and_then_keeps_all_out()
    {
        var waited = 0;
        using (BigLock.AcquireShared(_store.Location, TimeSpan.Zero, CancellationToken.None))
        {
            var error = Assert.Throws<NixStoreException>(
                () => BigLock.AcquireExclusive(_store.Location, TimeSpan.FromMilliseconds(20), () => waited++, CancellationToken.None));
            Assert.Equal(("StoreLocked", StoreErrorKind.Busy, 1), (error.ErrorId, error.Kind, waited));
        }

        using (BigLock.AcquireExclusive(_store.Location, TimeSpan.Zero, () => waited++, CancellationToken.None))
        {
            Assert.Throws<NixStoreException>(() => BigLock.AcquireShared(_store.Location, TimeSpan.Zero, CancellationToken.None));
        }

        BigLock.AcquireShared(_store.Location, TimeSpan.Zero, CancellationToken.None).Dispose();
    }

    [Fact]
    public void Where_nobody_has_it_who_wants_it_alone_does_not_wait()
    {
        var waited = 0;
        BigLock.AcquireExclusive(_store.Location, TimeSpan.Zero, () => waited++, CancellationToken.None).Dispose();
        Assert.Equal(0, waited);
    }

    [Fact]
    public void Its_file_is_private()
    {
        File.Delete(Path);

        BigLock.AcquireShared(_store.Location, TimeSpan.Zero, CancellationToken.None).Dispose();

        Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(Path));
    }

    private string Path => $"{_store.Location.StateDirectory}/db/big-lock";

    private FileDescriptor Open() => Posix.Open(Path, OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
}
