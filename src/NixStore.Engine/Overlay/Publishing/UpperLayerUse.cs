using System.Globalization;
using System.Text;
using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>Finds the overlays that have a directory as their upper layer, in all mount namespaces whose processes can be looked at.</summary>
internal static class UpperLayerUse
{
    /// <summary>A process that has such an overlay mounted; null when none is found.</summary>
    /// <param name="upper">The directory.</param>
    /// <exception cref="StoreIOException"/>
    internal static int? FindProcess(FileDescriptor upper)
    {
        var status = Posix.Status(upper);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                continue;
            }

            // Processes come and go, and of some nothing is told.
            using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(process), OpenFlags.PathOnly | OpenFlags.Directory, 0, out _);
            if (directory is not null && NamespaceOf(directory) is { } name && seen.Add(name) && Uses(directory, process, upper.Path, status))
            {
                return id;
            }
        }

        return null;
    }

    private static string? NamespaceOf(FileDescriptor process)
    {
        Span<byte> target = stackalloc byte[64];
        var length = Posix.TryReadLinkAt(process, "ns/mnt\0"u8, target, out _);
        return length < 0 ? null : ByteName.ToDisplay(target[..length]);
    }

    private static bool Uses(FileDescriptor process, string name, string upper, FileStatus status)
    {
        using var mounts = Posix.TryOpenAt(process, "mounts\0"u8, OpenFlags.ReadOnly, 0, out _);
        if (mounts is null)
        {
            return false;
        }

        try
        {
            return MountLine.Parse(Encoding.UTF8.GetString(Posix.ReadAll(mounts))).Where(line => line.Type == "overlay").SelectMany(line => line.ValuesOf("upperdir"))
                .Any(directory => directory == upper || IsSame($"{name}/root{directory}") || IsSame(directory));
        }
        catch (StoreIOException)
        {
            // It has ended.
            return false;
        }

        bool IsSame(string path) => Posix.TryStatus(path, out var other, out _) && other.IsSameFile(status);
    }
}
