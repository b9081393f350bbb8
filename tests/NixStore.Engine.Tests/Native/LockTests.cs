using System.Runtime.InteropServices;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Native;

public sealed partial class LockTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Shared_locks_share_and_exclusive_ones_do_not()
    {
        using var one = Open();
        using var two = Open();

        Assert.True(Posix.TryFlock(one, LockMode.Shared));
        Assert.True(Posix.TryFlock(two, LockMode.Shared));
        Assert.False(Posix.TryFlock(two, LockMode.Exclusive));
        Posix.Unlock(one);
        Assert.True(Posix.TryFlock(two, LockMode.Exclusive));
        Assert.False(Posix.TryFlock(one, LockMode.Shared));
        two.Dispose();
        Assert.True(Posix.TryFlock(one, LockMode.Shared));
    }

    [Fact]
    public void A_lock_ends_with_its_descriptor_whoever_has_a_copy_of_it()
    {
        // As a process has that another thread is just starting, until it is the other program.
        var file = Open();
        Assert.True(Posix.TryFlock(file, LockMode.Exclusive));
        using var copy = new FileDescriptor(Duplicate(file.Number), file.Path);
        file.Dispose();

        using var other = Open();
        Assert.True(Posix.TryFlock(other, LockMode.Exclusive));
    }

    [Fact]
    public void The_lock_is_the_kind_that_other_programs_of_Nix_see()
    {
        using var file = Open();
        Assert.True(Posix.TryFlock(file, LockMode.Exclusive));

        Assert.NotEqual(0, Command.Try(new Dictionary<string, string>(), "flock", "-n", _directory["lock"], "true").ExitCode);
        Posix.Unlock(file);
        Assert.Equal(0, Command.Try(new Dictionary<string, string>(), "flock", "-n", _directory["lock"], "true").ExitCode);
    }

    [Fact]
    public void Record_locks_are_asked_for_without_taking_one()
    {
        using var one = Open();
        using var two = Open();
        Assert.False(Posix.IsRecordLocked(two, LockMode.Exclusive, 100, 1));

        Assert.True(Posix.TryRecordLock(one, LockMode.Shared, 100, 10));

        Assert.True(Posix.IsRecordLocked(two, LockMode.Exclusive, 105, 1));
        Assert.False(Posix.IsRecordLocked(two, LockMode.Shared, 105, 1));
        Assert.False(Posix.IsRecordLocked(two, LockMode.Exclusive, 110, 1));
        Assert.False(Posix.TryRecordLock(two, LockMode.Exclusive, 109, 1));
        Assert.True(Posix.TryRecordLock(two, LockMode.Exclusive, 110, 1));
    }

    [Fact]
    public void A_record_lock_is_given_back()
    {
        using var one = Open();
        using var two = Open();
        Assert.True(Posix.TryRecordLock(one, LockMode.Shared, 100, 10));

        Posix.UnlockRecords(one, 100, 10);

        Assert.True(Posix.TryRecordLock(two, LockMode.Exclusive, 100, 10));
    }

    [SkippableFact]
    public void A_lock_of_another_process_is_seen()
    {
        using var database = ForeignDatabase.Open(_directory["db.sqlite"]);
        database.Execute("pragma journal_mode = wal");
        database.Execute("create table t (x)");
        using var shared = Posix.Open(_directory["db.sqlite-shm"], OpenFlags.ReadOnly);

        Assert.True(Posix.IsRecordLocked(shared, LockMode.Exclusive, 128, 1));
        database.Kill();
        Assert.False(Posix.IsRecordLocked(shared, LockMode.Exclusive, 128, 1));
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    private FileDescriptor Open() => Posix.Open(_directory["lock"], OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
}
