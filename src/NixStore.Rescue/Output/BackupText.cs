using System.Globalization;

namespace NixStore.Rescue.Output;

/// <summary>Says in a line what was backed up.</summary>
internal static class BackupText
{
    /// <summary>For example <c>20075 rows, 2.1 MiB in /nix/var/nix/nixstore/backups/20261126T051500.123Z-1a2b3c4d.sqlite.gz</c>.</summary>
    public static string Describe(StoreDatabaseBackup backup)
        => string.Create(CultureInfo.InvariantCulture, $"{backup.Rows} rows, {ByteSize.Format(backup.Size)} in {backup.Path}")
            + (backup.IsSound ? "" : $"; damaged: {string.Join("; ", backup.Findings)}");
}
