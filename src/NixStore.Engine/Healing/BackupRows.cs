using NixStore.Engine.Backups;
using NixStore.Engine.Native;
using NixStore.Engine.Salvage;
using NixStore.Engine.Stores;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Healing;

/// <summary>The rows of a backup, for what the database has lost.</summary>
internal static class BackupRows
{
    /// <summary>Unpacks a backup, checks it and reads it.</summary>
    /// <exception cref="NixStoreException">BackupDamaged, BackupTooNew, BackupNotSound, BackupOfOtherStore, BackupOfOtherSchema, ScratchNotWritable</exception>
    /// <exception cref="StoreIOException"/>
    internal static IReadOnlyList<SalvagedPath> Read(StoreLocation store, string file, CancellationToken cancellation)
    {
        using var scratch = ScratchDirectory.Make(file);
        var backup = ExtractedBackup.Extract(file, store, scratch.Path, cancellation);
        return SalvagedDatabase.Read(backup.Copy.DatabasePath, store.Directory, cancellation).Paths;
    }
}
