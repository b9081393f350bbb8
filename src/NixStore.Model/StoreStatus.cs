namespace NixStore;

/// <summary>What can be seen of a store at a glance, also of one whose database cannot be read.</summary>
public sealed record StoreStatus
{
    /// <summary>URL that opens exactly this store.</summary>
    public required string Store { get; init; }

    /// <summary>The logical directory, as references and hashes have it.</summary>
    public required string Directory { get; init; }

    /// <summary>Where the store objects are on this machine.</summary>
    public required string RealDirectory { get; init; }

    /// <summary>Where the database, roots and locks are.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>The database's file.</summary>
    public required string DatabasePath { get; init; }

    /// <summary>Bytes of that file; null when there is none.</summary>
    public long? DatabaseSize { get; init; }

    /// <summary>Bytes of the log beside it, which has what is not in the database yet.</summary>
    public long LogSize { get; init; }

    /// <summary>What the database says; null when it cannot be read.</summary>
    public NixStoreInfo? Info { get; init; }

    /// <summary>The file systems of the store directory and the state directory, as far as these exist.</summary>
    public IReadOnlyList<StoreVolume> Volumes { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Backups of the database in the usual place.</summary>
    public int BackupCount { get; init; }

    /// <summary>The newest that can be restored; null when there is none.</summary>
    public StoreDatabaseBackup? LastBackup { get; init; }

    /// <summary>Things in the trash.</summary>
    public int TrashCount { get; init; }

    /// <summary>Bytes of disk space they take.</summary>
    public long TrashSize { get; init; }

    /// <summary>What was seen to be wrong in passing, one sentence each; nothing was searched for.</summary>
    public IReadOnlyList<string> Problems { get; init => field = Indexable.Of(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => Store;
}
