using System.Globalization;
using NixStore.Engine.Roots;

namespace NixStore.Engine.Overlay.Mounting;

/// <summary>Who uses the mount of an overlay store, as far as /proc tells this user.</summary>
internal static class MountUsers
{
    private static readonly string[] s_links = ["cwd", "root", "exe"];

    /// <summary>What keeps the mount at a directory busy: processes and what they use it for, and mounts on top of something in it.</summary>
    internal static IReadOnlyList<string> FindUsing(string directory)
    {
        var here = MountNamespaces.Own;
        var mounts = MountLine.ReadAll().Where(line => line.Point.StartsWith(directory + "/", StringComparison.Ordinal)).Select(line => $"the mount at '{line.Point}'");
        return [.. mounts, .. MountNamespaces.Processes().Where(id => MountNamespaces.Of(id) == here).Select(id => (id, Use: UseOf(id, directory))).Where(user => user.Use is not null)
            .Select(user => $"{Name(user.id)} ({user.Use})")];
    }

    private static string Name(string id) => $"{ProcessName.Of(int.Parse(id, CultureInfo.InvariantCulture))} (process {id})";

    private static string? UseOf(string id, string directory)
    {
        foreach (var link in s_links)
        {
            if (IsIn(MountNamespaces.LinkOf($"/proc/{id}/{link}"), directory))
            {
                return link switch { "cwd" => "working directory", "root" => "root directory", _ => "program" };
            }
        }

        return OpenFiles(id).Select(MountNamespaces.LinkOf).FirstOrDefault(file => IsIn(file, directory)) is { } open ? $"open: {open}"
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
}
