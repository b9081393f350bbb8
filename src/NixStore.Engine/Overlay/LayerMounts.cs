using System.Globalization;
using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay;

/// <summary>
/// Finds the overlays that have a directory for one of their layers: by device and inode, since bind mounts and other roots give it other names.
/// </summary>
internal static class LayerMounts
{
    /// <summary>
    /// The overlays that write to one of some directories, as their upper layer or their work directory: first those of this mount namespace, then
    /// those of others whose processes can be looked at. A mount that several namespaces have is told of for each.
    /// </summary>
    internal static IReadOnlyList<LayerMount> FindWriting(params string[] directories)
    {
        var wanted = directories.Select(StatusOf).OfType<FileStatus>().ToList();
        var found = MountLine.ReadAll().Where(line => Writes(line, "")).Select(line => new LayerMount(line.Point, null)).ToList();
        var seen = new HashSet<string?>(StringComparer.Ordinal) { MountNamespaces.Own };
        foreach (var id in MountNamespaces.Processes())
        {
            // Who may not be looked into has no name of a namespace either.
            if (MountNamespaces.Of(id) is { } space && !seen.Contains(space) && ProcessStatus.TryReadText($"/proc/{id}/mounts") is { } mounts && seen.Add(space))
            {
                found.AddRange(MountLine.Parse(mounts).Where(line => Writes(line, $"/proc/{id}/root"))
                    .Select(line => new LayerMount(line.Point, int.Parse(id, CultureInfo.InvariantCulture))));
            }
        }

        return found;

        bool Writes(MountLine line, string root) => line.IsOverlay
            && line.PlacesOf("upperdir").Concat(line.PlacesOf("workdir")).Any(place => IsWanted(root + place) || IsWanted(place));

        bool IsWanted(string place) => StatusOf(place) is { } status && wanted.Exists(one => one.IsSameFile(status));
    }

    /// <summary>The overlays of this mount namespace that have a directory for a lower layer, and are not covered by another mount.</summary>
    /// <exception cref="StoreIOException"/>
    internal static IReadOnlyList<LayerMount> FindReading(string directory)
    {
        var lower = StatusOf(directory);
        return [.. MountLine.ReadAll().GroupBy(line => line.Point).Select(lines => lines.Last())
            .Where(line => line.Type == "overlay" && line.PlacesOf("lowerdir").Any(place => StatusOf(place) is { } status && lower?.IsSameFile(status) == true))
            .Select(line => new LayerMount(line.Point, null))];
    }

    /// <summary>A name that was given from a working directory is one that nobody knows any more.</summary>
    private static FileStatus? StatusOf(string directory)
    {
        if (directory is not ['/', ..])
        {
            return null;
        }

        using var open = Posix.TryOpenAt(
            FileDescriptor.WorkingDirectory, ByteName.From(directory), OpenFlags.PathOnly | OpenFlags.Directory | OpenFlags.CloseOnExec, 0, out _);
        return open is null ? null : Posix.Status(open);
    }
}
