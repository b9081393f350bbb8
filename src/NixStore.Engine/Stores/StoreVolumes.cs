using System.Globalization;
using System.Text;
using NixStore.Engine.Native;

namespace NixStore.Engine.Stores;

/// <summary>Says on which file systems a store lies.</summary>
internal static class StoreVolumes
{
    private const int OptionalFields = 6;

    /// <summary>Those of the store directory and the state directory; nothing of a directory that is not there.</summary>
    /// <exception cref="StoreIOException"/>
    internal static IReadOnlyList<StoreVolume> Of(StoreLocation store)
        => [.. new[] { store.RealDirectory, store.StateDirectory }.Select(TryDescribe).OfType<StoreVolume>()];

    private static StoreVolume? TryDescribe(string path)
    {
        using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path),
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime, 0, out _);
        if (directory is null)
        {
            return null;
        }

        var status = Posix.FileSystemStatus(directory);
        var mount = FindMount(directory);
        return new StoreVolume
        {
            Directory = path,
            MountPoint = mount.Point,
            Source = mount.Source,
            Type = mount.Type,
            IsReadOnly = status.IsReadOnly,
            Size = status.TotalBytes,
            FreeSpace = status.AvailableBytes,
            FreeFiles = status.TotalInodes > 0 ? status.AvailableInodes : null,
        };
    }

    /// <summary>By the mount that the kernel opened the directory on: symbolic links and mounts over mounts lead nobody astray.</summary>
    private static (string? Point, string? Source, string? Type) FindMount(FileDescriptor directory)
    {
        var id = ReadMountId(directory);
        using var table = Open("/proc/thread-self/mountinfo");
        foreach (var fields in FileSystemTable.Lines(table))
        {
            var dash = Array.IndexOf(fields, "-", Math.Min(OptionalFields, fields.Length));
            if (dash > 0 && dash + 2 < fields.Length && fields[0] == id)
            {
                return (fields[4], fields[dash + 2], fields[dash + 1]);
            }
        }

        return default;
    }

    private static string? ReadMountId(FileDescriptor directory)
    {
        using var description = Open(string.Create(CultureInfo.InvariantCulture, $"/proc/thread-self/fdinfo/{directory.Number}"));
        return description is null ? null
            : Encoding.ASCII.GetString(Posix.ReadAll(description)).Split('\n').Select(line => line.Split(':', StringSplitOptions.TrimEntries))
                .FirstOrDefault(field => field is ["mnt_id", _])?[1];
    }

    private static FileDescriptor? Open(string path) => Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path), OpenFlags.ReadOnly, 0, out _);
}
