using System.Diagnostics;
using NixStore.Engine.Backups;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Backups;

/// <summary>Backups and restores of databases that real Nix made and writes to, with real Nix having the last word.</summary>
public sealed class BackupTests
{
    private const string Dump =
        "select path,hash,deriver,narSize,ultimate,sigs,ca from ValidPaths order by path;"
        + "select a.path,b.path from Refs r join ValidPaths a on a.id=r.referrer join ValidPaths b on b.id=r.reference order by 1,2;"
        + "select a.path,o.id,o.path from DerivationOutputs o join ValidPaths a on a.id=o.drv order by 1,2;";

    /// <summary>Damage to the database alone, which a backup undoes.</summary>
    public static TheoryData<string> DatabaseDamage =>
    [
        "e3-row-missing-no-referrer", "f1-row-missing-referrers-exist", "f3-drv-row-missing", "g1-dangling-refs-referrer", "g2-dangling-refs-reference",
        "g3-missing-refs-row", "g4-cycle", "g5-bad-path-row", "g6-bad-hash-row", "g7-null-hash-size", "g8-bad-sigs", "g9-bad-deriver",
        "g10-wrong-narsize", "g11-wrong-hash", "g12-bad-ca", "h1-page-zeroed", "h2-header-destroyed", "h3-db-truncated", "h4-db-zero-length",
        "h5-db-missing", "h6-db-dir-missing", "h7-index-entry-missing", "h8-wal-leftover-committed", "h9-wal-torn", "h10-wal-lost",
        "h11-schema-missing", "h12-schema-garbage", "h14-refs-page-zeroed",
    ];

    [SkippableTheory]
    [MemberData(nameof(DatabaseDamage))]
    public void A_damaged_database_is_as_it_was_after_a_restore(string damage)
    {
        using var store = new StoreUnderTest(optimised: false);
        var (before, roots) = (Rows(store), PhysicalNix.Live(store.Root));
        var backup = Make(store);
        store.Damage(damage);

        var restore = Restore(store, backup);

        Assert.True(restore.IsApplied);
        Assert.Equal(before, Rows(store));
        ExpectNixToBeContent(store);
        Assert.Equal(roots, PhysicalNix.Live(store.Root));
        Assert.Equal(before, Rows(store));
    }

    [SkippableFact]
    public void What_Nix_has_built_since_stays_registered()
    {
        using var store = new StoreUnderTest(optimised: false);
        var backup = Make(store);
        Add(store, "since");
        Assert.Equal(0, PhysicalNix.Store(store.Root, "--gc").ExitCode);
        var added = Add(store, "since the collection");
        var before = Rows(store);

        var restore = Restore(store, backup, force: true);

        Assert.Contains(restore.Changes, change => change.Kind == StoreDatabaseChangeKind.TakenOver && change.Path == added);
        Assert.True(restore.DroppedCount > 0);
        Assert.Equal(0, restore.LostCount + restore.MissingCount);
        Assert.Equal(before, Rows(store));
        ExpectNixToBeContent(store);
        Assert.Equal(added, PhysicalNix.Store(store.Root, "--query", "--requisites", added).Output);
    }

    [SkippableFact]
    public void The_old_database_that_was_set_aside_is_whole()
    {
        using var store = new StoreUnderTest(optimised: false);
        var backup = Make(store);
        store.Damage("h8-wal-leftover-committed");

        var restore = Restore(store, backup);

        Assert.Equal("ok", Command.Run("sqlite3", $"{restore.ReplacedDatabase}/db.sqlite", "pragma integrity_check"));
        Assert.Equal(Rows(store), Command.Run("sqlite3", $"{restore.ReplacedDatabase}/db.sqlite", Dump));
    }

    [SkippableFact]
    public void While_Nix_has_the_store_open_nothing_is_restored()
    {
        using var store = new StoreUnderTest(optimised: false);
        var backup = Make(store);
        using var nix = Command.Start(
            $"{SourceTree.Interop}/in-store.sh", [store.Root, PhysicalNix.Program("nix234-store"), "--serve", "--write"], PhysicalNix.Environment(store.Root));
        try
        {
            // The greeting of the serve protocol: once it answers, it has the store open and waits for commands (Nix nix-store.cc:opServe).
            nix.StandardInput.BaseStream.Write([0xeb, 0x9d, 0x0c, 0x39, 0, 0, 0, 0]);
            nix.StandardInput.BaseStream.Write([7, 2, 0, 0, 0, 0, 0, 0]);
            nix.StandardInput.BaseStream.Flush();
            nix.StandardOutput.BaseStream.ReadExactly(new byte[16]);
            var before = Rows(store);

            var error = Assert.Throws<NixStoreException>(() => DatabaseRestorer.Restore(
                store.Location, backup.Path, false, TimeSpan.FromMilliseconds(100), null, CancellationToken.None));

            Assert.Equal("StoreLocked", error.ErrorId);
            Assert.Equal(before, Rows(store));
        }
        finally
        {
            Command.Finish(nix);
        }

        Assert.True(Restore(store, backup).IsApplied);
    }

    [SkippableFact]
    public void Backups_beside_a_Nix_that_writes_are_whole()
    {
        using var store = new StoreUnderTest(optimised: false);
        using var stop = new CancellationTokenSource();
        var added = 0;
        var writing = Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    Add(store, $"file {added}");
                    Interlocked.Increment(ref added);
                }
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var rows = new List<long>();
        try
        {
            // Until enough was added between backups, however slow the one or the other is.
            var patience = Stopwatch.StartNew();
            while (rows.Count < 20 || ((Volatile.Read(ref added) < 5 || rows[^1] == rows[0]) && !writing.IsFaulted && patience.Elapsed < TimeSpan.FromMinutes(5)))
            {
                var backup = Make(store);
                Assert.True(DatabaseBackups.Verify(backup, CancellationToken.None).Verified);
                rows.Add(backup.Rows);
            }
        }
        finally
        {
            stop.Cancel();
            writing.Wait();
        }

        Assert.Equal(rows.Order(), rows);
        Assert.True(added >= 5 && rows[^1] > rows[0], $"{added} paths were added beside {rows.Count} backups");
        var last = DatabaseBackups.List(DatabaseBackups.DirectoryOf(store.Location), error => Assert.Fail(error.Message)).Last();
        var before = Rows(store);
        Restore(store, last);
        Assert.Equal(before, Rows(store));
        ExpectNixToBeContent(store);
    }

    private static string Add(StoreUnderTest store, string contents)
    {
        var file = Path.Combine(Directory.CreateDirectory($"{store.Root}/home").FullName, "added.txt");
        File.WriteAllText(file, contents);
        var added = PhysicalNix.Store(store.Root, "--add", file);
        Assert.True(added.ExitCode == 0, added.Error);
        return added.Output;
    }

    private static StoreDatabaseBackup Make(StoreUnderTest store)
        => DatabaseBackups.Make(store.Location, DatabaseBackups.DirectoryOf(store.Location), acceptDamage: false, CancellationToken.None);

    private static StoreDatabaseRestore Restore(StoreUnderTest store, StoreDatabaseBackup backup, bool force = false)
        => DatabaseRestorer.Restore(store.Location, backup.Path, force, TimeSpan.FromMinutes(1), null, CancellationToken.None);

    private static string Rows(StoreUnderTest store) => Command.Run("sqlite3", store.Location.DatabasePath, Dump);

    private static void ExpectNixToBeContent(StoreUnderTest store)
    {
        var verified = PhysicalNix.Verify(store.Root);
        Assert.True(verified.ExitCode == 0, verified.Error);
        Assert.DoesNotContain("modified", verified.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("disappeared", verified.Error, StringComparison.Ordinal);
        Assert.Equal("ok", Command.Run("sqlite3", store.Location.DatabasePath, "pragma integrity_check; pragma foreign_key_check"));
    }
}
