using System.Globalization;
using System.Text;
using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>A mount, as this thread's namespace has it (proc_pid_mountinfo(5)).</summary>
/// <param name="Id">The kernel's number of the mount.</param>
/// <param name="Device">The file system, by its device number: the same for every mount of it.</param>
/// <param name="Point">Where it is mounted.</param>
/// <param name="Type">The kind of file system.</param>
/// <param name="Source">What was mounted.</param>
/// <param name="Options">Options of the file system, as the kernel escapes them.</param>
/// <param name="IsReadOnly">True when the mount or the file system is read-only.</param>
internal sealed record PlaceMount(string Id, string Device, string Point, string Type, string Source, string Options, bool IsReadOnly)
{
    /// <summary>The layers, of an overlay.</summary>
    internal MountedLayers Layers { get; } = MountedLayers.Parse(Options);

    /// <summary>True for the overlay of fuse-overlayfs.</summary>
    internal bool IsFuseOverlay => Type.StartsWith("fuse", StringComparison.Ordinal)
        && (Source.Contains("overlay", StringComparison.Ordinal) || Type.Contains("overlay", StringComparison.Ordinal));

    /// <summary>All mounts, in the order of the kernel.</summary>
    /// <exception cref="StoreIOException"/>
    internal static IReadOnlyList<PlaceMount> ReadAll()
    {
        using var table = Posix.Open("/proc/thread-self/mountinfo", OpenFlags.ReadOnly);
        return [.. Encoding.UTF8.GetString(Posix.ReadAll(table)).Split('\n').Select(Parse).OfType<PlaceMount>()];
    }

    /// <summary>
    /// What a directory really is on, whatever lies on top of what: the kernel's own answer for an open directory (proc_pid_fdinfo(5)). Null when
    /// there is no such directory.
    /// </summary>
    /// <exception cref="StoreIOException"/>
    internal static PlaceMount? Of(string directory, IReadOnlyList<PlaceMount> mounts)
    {
        using var handle = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(directory), OpenFlags.PathOnly | OpenFlags.Directory, 0, out _);
        if (handle is null)
        {
            return null;
        }

        using var file = Posix.Open(string.Create(CultureInfo.InvariantCulture, $"/proc/thread-self/fdinfo/{handle.Number}"), OpenFlags.ReadOnly);
        var id = Encoding.UTF8.GetString(Posix.ReadAll(file)).Split('\n').FirstOrDefault(line => line.StartsWith("mnt_id:", StringComparison.Ordinal))?[7..].Trim();
        return mounts.FirstOrDefault(mount => mount.Id == id);
    }

    private static PlaceMount? Parse(string line)
    {
        // id, parent, device, root, point, options, optional fields, "-", type, source, options of the file system
        var fields = line.Split(' ');
        var dash = Array.IndexOf(fields, "-");
        return dash > 5 && dash + 3 < fields.Length
            ? new PlaceMount(fields[0], fields[2], FileSystemTable.Unescape(fields[4]), fields[dash + 1], FileSystemTable.Unescape(fields[dash + 2]), fields[dash + 3],
                fields[5].Split(',').Contains("ro") || fields[dash + 3].Split(',').Contains("ro"))
            : null;
    }
}
