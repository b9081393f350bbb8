using NixStore.Engine.Backups;
using NixStore.Engine.Database;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Stores;

public sealed class StoreStatusReaderTests
{
    [SkippableFact]
    public void A_store_its_volumes_and_its_backups()
    {
        using var store = LabStore.Signed();
        var backup = DatabaseBackups.Make(store.Location, DatabaseBackups.DirectoryOf(store.Location), acceptDamage: false, CancellationToken.None);

        var status = StoreStatusReader.Read(store.Location, CancellationToken.None);

        Assert.Empty(status.Problems);
        Assert.True(status.Info!.PathCount > 10);
        Assert.Equal(new FileInfo(store.Location.DatabasePath).Length, status.DatabaseSize);
        Assert.Equal([store.Location.RealDirectory, store.Location.StateDirectory], status.Volumes.Select(volume => volume.Directory));
        Assert.All(status.Volumes, volume => Assert.StartsWith(volume.MountPoint!, volume.Directory, StringComparison.Ordinal));
        Assert.Equal(1, status.BackupCount);
        Assert.Equal(backup.Id, status.LastBackup!.Id);
        Assert.Equal(0, status.TrashCount);
    }

    [SkippableFact]
    public void Looking_leaves_no_trace()
    {
        using var store = LabStore.Signed();
        var untouched = Untouched.Of(store.Location);
        StoreStatusReader.Read(store.Location, CancellationToken.None);
        Assert.Empty(untouched.Differences());
    }

    [SkippableFact]
    public void An_unmounted_store_directory_is_recognised()
    {
        using var store = LabStore.Signed();
        Directory.Move(store.Location.RealDirectory, store.Location.RealDirectory + ".away");
        Directory.CreateDirectory(store.Location.RealDirectory);

        Assert.Contains(StoreStatusReader.Read(store.Location, CancellationToken.None).Problems, problem => problem.Contains("not mounted", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void A_missing_store_directory_and_a_missing_database_are_problems_and_both_together_an_error()
    {
        using var store = LabStore.Signed();
        File.Move(store.Location.DatabasePath, store.Location.DatabasePath + ".away");

        var status = StoreStatusReader.Read(store.Location, CancellationToken.None);
        Assert.Null(status.Info);
        Assert.Null(status.DatabaseSize);
        Assert.NotEmpty(status.Problems);

        Directory.Move(store.Location.RealDirectory, store.Location.RealDirectory + ".away");
        Assert.Contains(StoreStatusReader.Read(store.Location, CancellationToken.None).Problems,
            problem => problem.Contains(store.Location.RealDirectory, StringComparison.Ordinal));

        Directory.Move(store.Location.StateDirectory, store.Location.StateDirectory + ".away");
        Assert.Throws<StoreDatabaseException>(() => StoreStatusReader.Read(store.Location, CancellationToken.None));
    }
}
