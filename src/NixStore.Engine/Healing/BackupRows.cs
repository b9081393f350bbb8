using NixStore.Engine.Backups;
using NixStore.Engine.Native;
using NixStore.Engine.Salvage;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Healing;

/// <summary>The rows of a backup, for what the database has lost.</summary>
internal static class BackupRows
{
    /// <summary>Unpacks a backup, checks it and reads it.</summary>
    /// <exception cref="NixStoreException">BackupDamaged, BackupTooNew, BackupNotSound, BackupOfOtherStore, BackupOfOtherSchema</exception>
    /// <exception cref="StoreIOException"/>
    internal static IReadOnlyList<SalvagedPath> Read(StoreLocation store, string file, CancellationToken cancellation)
    {
        var scratch = Directory.CreateTempSubdirectory("nixstore-").FullName;
        try
        {
            var backup = ExtractedBackup.Extract(file, store, scratch, cancellation);
            return SalvagedDatabase.Read(backup.Copy.DatabasePath, store.Directory, cancellation).Paths;
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }
}
