using NixStore.Engine.Native;

namespace NixStore.Engine.Roots;

/// <summary>
/// Tells directories whose file system is not mounted: they look empty, and what is missing there may be back tomorrow (DOMAIN H7).
/// </summary>
internal sealed class MountPoints
{
    private readonly string _prefix;
    private readonly HashSet<string> _wanted = new(StringComparer.Ordinal);

    // The last mount on a place covers the others.
    private readonly Dictionary<string, string> _mounted = new(StringComparer.Ordinal);

    private MountPoints(string prefix) => _prefix = prefix;

    /// <summary>Reads the tree's own fstab and what is mounted on this machine.</summary>
    internal static MountPoints Read(LinkTree tree)
    {
        var points = new MountPoints(tree.Prefix);
        using (var table = tree.TryOpen("/etc/fstab"u8, OpenFlags.ReadOnly | OpenFlags.NoAccessTime | OpenFlags.NonBlocking, out _))
        {
            foreach (var fields in FileSystemTable.Lines(table))
            {
                if (fields is [['#', ..], ..] or not [_, _, ..])
                {
                    continue;
                }

                points._wanted.Add(fields[1].TrimEnd('/'));
            }
        }

        using var mounts = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, "/proc/thread-self/mountinfo\0"u8, OpenFlags.ReadOnly, 0, out _);
        foreach (var fields in FileSystemTable.Lines(mounts))
        {
            var dash = Array.IndexOf(fields, "-");
            if (dash > 4 && dash + 1 < fields.Length)
            {
                points._mounted[fields[4]] = fields[dash + 1];
            }
        }

        return points;
    }

    /// <summary>True when nothing is mounted on a directory of the tree although something should be.</summary>
    internal bool IsUnmounted(ReadOnlySpan<byte> directory, FileDescriptor opened)
    {
        var inside = ByteName.ToDisplay(directory);
        var outside = _prefix + (inside == "/" ? "" : inside);
        return TypeOf(outside) == "autofs" || (_wanted.Contains(inside) && !_mounted.ContainsKey(outside) && IsEmpty(opened));
    }

    private string? TypeOf(string path)
    {
        for (; path.Length > 0; path = path[..path.LastIndexOf('/')])
        {
            if (_mounted.TryGetValue(path, out var type))
            {
                return type;
            }
        }

        return _mounted.GetValueOrDefault("/");
    }

    private static bool IsEmpty(FileDescriptor directory)
    {
        using var entries = new DirectoryEntries(directory);
        return !entries.MoveNext();
    }
}
