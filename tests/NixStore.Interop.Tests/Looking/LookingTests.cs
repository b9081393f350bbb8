using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Looking;

/// <summary>
/// Looking at a store leaves no trace: contents, modes, owners and all three times of everything are as before. Each way of looking is
/// tried as a program of its own, so that nothing of this process can help or hinder.
/// </summary>
public sealed class LookingTests
{
    public static TheoryData<string> Ways => ["list", "verify", "repair --dry-run --check-contents --source file:///nonexistent"];

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public void A_closed_store_is_untouched(string way)
    {
        using var store = new StoreUnderTest(optimised: true);
        var untouched = Untouched.Of(store.Location);

        Look(way, store.Root);

        untouched.Verify();
    }

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public void A_store_that_a_real_Nix_has_open_is_untouched_but_for_shared_memory(string way)
    {
        using var store = new StoreUnderTest(optimised: false);
        using var directory = new TemporaryDirectory();
        using var collector = new PausedCollector(RealNix.Require(), store.Location, 2, directory.Path);
        var untouched = Untouched.Of(store.Location, "-shm");

        Look(way, store.Root);

        untouched.Verify();
    }

    [SkippableTheory]
    [InlineData("list", true)]
    [InlineData("list", false)]
    [InlineData("verify", true)]
    [InlineData("verify", false)]
    public void A_snapshot_with_a_live_log_is_untouched_and_shows_every_row(string way, bool withSharedMemory)
    {
        using var store = new StoreUnderTest(optimised: false);
        TakeSnapshotWhileWriting(store, withSharedMemory);
        var untouched = Untouched.Of(store.Location);

        var output = Look(way, store.Root, expectedCode: 1);

        // This row is in the log alone.
        Assert.Contains("00000000000000000000000000000000-only-in-the-log", output, StringComparison.Ordinal);
        untouched.Verify();
    }

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public void A_read_only_mount_can_be_looked_at(string way)
    {
        using var store = new StoreUnderTest(optimised: false);
        var untouched = Untouched.Of(store.Location);

        var output = MountScript.Run(
            "root=$0; mount --bind \"$root\" \"$root\"; mount -o remount,bind,ro \"$root\"; program=$1; shift; \"$program\" \"$@\" --json --store \"$root\"; echo done",
            [store.Root, RescueProgram.Path, .. way.Split(' ')]);

        Assert.EndsWith("done", output, StringComparison.Ordinal);
        untouched.Verify();
    }

    private static string Look(string way, string root, int expectedCode = 0)
    {
        var result = RescueProgram.Run([RescueProgram.Path, .. way.Split(' '), "--json", "--store", root]);
        Assert.True(result.ExitCode == expectedCode, $"exit code {result.ExitCode}\n{result.Output}\n{result.Error}");
        return result.Output;
    }

    /// <summary>Copies the database's files while a writer holds them open with a transaction that is not in the main file yet.</summary>
    private static void TakeSnapshotWhileWriting(StoreUnderTest store, bool withSharedMemory)
    {
        const string script = """
            import sqlite3, shutil, sys, os
            db, keep = sys.argv[1], sys.argv[2] == 'True'
            c = sqlite3.connect(db, isolation_level=None)
            c.execute('pragma journal_mode=wal'); c.execute('pragma wal_autocheckpoint=0')
            c.execute("insert into ValidPaths(path, hash, registrationTime, narSize) values('/nix/store/00000000000000000000000000000000-only-in-the-log', 'sha256:%s', 1, 8)" % ('1' * 64))
            ends = ['', '-wal', '-shm'] if keep else ['', '-wal']
            for e in ends: shutil.copy2(db + e, db + e + '.copy')
            c.close()
            for e in ['', '-wal', '-shm']:
                if os.path.exists(db + e): os.unlink(db + e)
            for e in ends: os.rename(db + e + '.copy', db + e)
            """;
        Command.Run("python3", "-c", script, store.Location.DatabasePath, withSharedMemory.ToString());
    }
}
