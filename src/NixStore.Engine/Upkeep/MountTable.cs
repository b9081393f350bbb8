using System.Text;
using NixStore.Engine.Native;

namespace NixStore.Engine.Upkeep;

/// <summary>What is mounted on this machine, as this thread sees it (proc(5), mountinfo).</summary>
internal sealed class MountTable
{
    // The last mount on a place covers the others.
    private readonly Dictionary<string, Mount> _mounts = new(StringComparer.Ordinal);

    private MountTable()
    {
    }

    /// <summary>Reads it; empty where there is no /proc.</summary>
    /// <exception cref="StoreIOException"/>
    internal static MountTable Read()
    {
        var table = new MountTable();
        using var file = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, "/proc/thread-self/mountinfo\0"u8, OpenFlags.ReadOnly, 0, out _);
        foreach (var fields in FileSystemTable.Lines(file))
        {
            // id, parent, device, root, point, options, optional fields, "-", type, source, options of the file system
            var dash = Array.IndexOf(fields, "-");
            if (dash > 5 && dash + 3 < fields.Length)
            {
                table._mounts[fields[4]] = new Mount(fields[4], fields[dash + 1], fields[dash + 2], fields[dash + 3].Split(',').Contains("ro"));
            }
        }

        return table;
    }

    /// <summary>True when something is mounted on a place.</summary>
    internal bool Has(string point) => _mounts.ContainsKey(point);

    /// <summary>What an open directory is on; null when it cannot be told.</summary>
    internal Mount? Of(FileDescriptor directory) => FilePlace.Of(directory) is { } place ? Of(Encoding.UTF8.GetString(place)) : null;

    /// <summary>What a path, free of symbolic links, is on.</summary>
    internal Mount? Of(string path)
    {
        for (; path.Length > 1; path = path[..path.LastIndexOf('/')])
        {
            if (_mounts.TryGetValue(path, out var mount))
            {
                return mount;
            }
        }

        return _mounts.GetValueOrDefault("/");
    }
}
