using System.Globalization;

namespace NixStore.Rescue.Output;

/// <summary>Says what a store is like, fact by fact.</summary>
internal static class StatusText
{
    /// <summary>Names of facts and what they are; problems last.</summary>
    public static IEnumerable<(string Name, string Fact)> Describe(StoreStatus status)
    {
        yield return ("store", status.Store);
        yield return ("directory", status.RealDirectory == status.Directory ? status.Directory : $"{status.Directory}, here {status.RealDirectory}");
        yield return ("state", status.StateDirectory);
        yield return ("database", DescribeDatabase(status));
        if (status.Info is { } info)
        {
            yield return ("paths", $"{Number(info.PathCount)}, {ByteSize.Format(info.NarSize)} of contents{(info.IsOptimised ? ", optimised" : "")}");
        }

        foreach (var volume in status.Volumes)
        {
            yield return ("disk", DescribeVolume(volume));
        }

        yield return ("backups", status.LastBackup is { } backup
            ? string.Create(CultureInfo.InvariantCulture, $"{status.BackupCount}, the last of {backup.Created.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : Number(status.BackupCount));
        yield return ("trash", status.TrashCount == 0 ? "empty" : $"{Number(status.TrashCount)} things, {ByteSize.Format(status.TrashSize)}");
        foreach (var problem in status.Problems)
        {
            yield return ("problem", problem);
        }
    }

    private static string DescribeDatabase(StoreStatus status)
    {
        if (status.DatabaseSize is not { } size)
        {
            return "none";
        }

        var log = status.LogSize > 0 ? $" and a log of {ByteSize.Format(status.LogSize)}" : "";
        var schema = status.Info?.Schema is { } number ? $", schema {Number(number)}" : "";
        var state = status.Info is null ? ", cannot be read" : status.Info.IsInUse ? ", in use" : "";
        return $"{ByteSize.Format(size)}{log}{schema}{state}";
    }

    private static string DescribeVolume(StoreVolume volume)
    {
        var files = volume.FreeFiles is { } free ? $", {Number(free)} inodes" : "";
        var mount = volume.MountPoint is null ? "" : $"; {volume.Type} {volume.Source} on {volume.MountPoint}{(volume.IsReadOnly ? ", read-only" : "")}";
        return $"{volume.Directory}: {ByteSize.Format(volume.FreeSpace)} free of {ByteSize.Format(volume.Size)}{files}{mount}";
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
