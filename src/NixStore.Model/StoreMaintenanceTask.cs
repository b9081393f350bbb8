namespace NixStore;

/// <summary>What a scheduled task does with a store.</summary>
public enum StoreMaintenanceTask
{
    /// <summary>Reads and hashes what was not found intact for longest.</summary>
    Verify,
    /// <summary>Removes generations by rules, and deletes what no root needs.</summary>
    Collect,
    /// <summary>Replaces equal files by hard links to one of them.</summary>
    Optimise,
    /// <summary>Backs up the database, and removes old backups by rules.</summary>
    Backup,
}
