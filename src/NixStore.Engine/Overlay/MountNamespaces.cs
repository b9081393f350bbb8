using System.Globalization;
using System.Text;
using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay;

/// <summary>The processes of this machine and their mount namespaces, as far as /proc tells this user.</summary>
internal static class MountNamespaces
{
    /// <summary>The calling thread's.</summary>
    internal static string? Own => Of("thread-self");

    /// <summary>The ids of all processes.</summary>
    internal static IEnumerable<string> Processes() => Directory.EnumerateDirectories("/proc").Select(path => Path.GetFileName(path))
        .Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _));

    /// <summary>A process's; null when it has ended, or may not be looked at.</summary>
    internal static string? Of(string id) => LinkOf($"/proc/{id}/ns/mnt");

    /// <summary>What a link of /proc leads to; null when that cannot be read.</summary>
    internal static string? LinkOf(string link)
    {
        Span<byte> target = stackalloc byte[4096];
        var length = Posix.TryReadLinkAt(FileDescriptor.WorkingDirectory, ByteName.From(link), target, out _);
        return length > 0 ? Encoding.UTF8.GetString(target[..length]) : null;
    }
}
