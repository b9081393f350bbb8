using System.Globalization;
using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Roots;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Mounting;

/// <summary>Who uses the mount of an overlay store, as far as /proc tells this user.</summary>
internal static class MountUsers
{
    private static readonly string[] s_links = ["cwd", "root", "exe"];

    /// <summary>What keeps the mount at a directory busy: processes and what they use it for, and mounts on top of something in it.</summary>
    internal static IReadOnlyList<string> FindUsing(string directory)
    {
        var here = NamespaceOf("thread-self");
        var mounts = MountLine.ReadAll().Where(line => line.Point.StartsWith(directory + "/", StringComparison.Ordinal)).Select(line => $"the mount at '{line.Point}'");
        return [.. mounts, .. Processes().Where(id => NamespaceOf(id) == here).Select(id => (id, Use: UseOf(id, directory))).Where(user => user.Use is not null)
            .Select(user => $"{Name(user.id)} ({user.Use})")];
    }

    /// <summary>
    /// Processes of other mount namespaces that have the upper layer in a mount of their own, one of each namespace. Two mounts with one upper
    /// layer at the same time are undefined (Linux Documentation/filesystems/overlayfs.rst).
    /// </summary>
    internal static IReadOnlyList<string> FindElsewhere(StoreLocation store)
    {
        var upper = store.Overlay!.UpperLayer;
        if (!Posix.TryStatus(upper, out var ours, out _))
        {
            return [];
        }

        var seen = new HashSet<string?>(StringComparer.Ordinal) { NamespaceOf("thread-self") };
        var found = new List<string>();
        foreach (var id in Processes())
        {
            // Who may not be looked into has no name of a namespace either.
            if (NamespaceOf(id) is { } space && seen.Add(space)
                && ProcessStatus.TryReadText($"/proc/{id}/mounts") is { } mounts
                && MountLine.Parse(mounts).Any(line => line.IsOverlay && line.PlacesOf("upperdir").Contains(upper))
                && Posix.TryStatus($"/proc/{id}/root{upper}", out var theirs, out _) && theirs.IsSameFile(ours))
            {
                found.Add(Name(id));
            }
        }

        return found;
    }

    private static IEnumerable<string> Processes() => Directory.EnumerateDirectories("/proc").Select(path => Path.GetFileName(path))
        .Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _));

    private static string? NamespaceOf(string id) => LinkOf($"/proc/{id}/ns/mnt");

    private static string Name(string id) => $"{ProcessName.Of(int.Parse(id, CultureInfo.InvariantCulture))} (process {id})";

    private static string? UseOf(string id, string directory)
    {
        foreach (var link in s_links)
        {
            if (IsIn(LinkOf($"/proc/{id}/{link}"), directory))
            {
                return link switch { "cwd" => "working directory", "root" => "root directory", _ => "program" };
            }
        }

        return OpenFiles(id).Select(LinkOf).FirstOrDefault(file => IsIn(file, directory)) is { } open ? $"open: {open}"
            : ProcessStatus.TryReadText($"/proc/{id}/maps")?.Contains($" {directory}/", StringComparison.Ordinal) == true ? "mapped files" : null;
    }

    private static IEnumerable<string> OpenFiles(string id)
    {
        try
        {
            return Directory.GetFileSystemEntries($"/proc/{id}/fd");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsIn(string? path, string directory)
        => path is not null && (path == directory || path.StartsWith(directory + "/", StringComparison.Ordinal));

    private static string? LinkOf(string link)
    {
        Span<byte> target = stackalloc byte[4096];
        var length = Posix.TryReadLinkAt(FileDescriptor.WorkingDirectory, ByteName.From(link), target, out _);
        return length > 0 ? Encoding.UTF8.GetString(target[..length]) : null;
    }
}
