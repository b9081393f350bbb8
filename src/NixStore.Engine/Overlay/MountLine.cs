using System.Text;
using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay;

/// <summary>A line of /proc/self/mounts, as the calling thread's namespace has it (proc_pid_mounts(5)). Later lines lie on top of earlier ones.</summary>
/// <param name="Text">The line as it is, blanks in names written as octal numbers: what Nix looks at.</param>
/// <param name="Point">Where.</param>
/// <param name="Type">The kind of file system.</param>
/// <param name="Options">Options, in the kernel's order and escaping.</param>
internal sealed record MountLine(string Text, string Point, string Type, string Options)
{
    /// <summary>All mounts, in their order.</summary>
    /// <exception cref="StoreIOException"/>
    internal static IReadOnlyList<MountLine> ReadAll() => Parse(ReadTable());

    /// <summary>The whole table, as it is.</summary>
    /// <exception cref="StoreIOException"/>
    internal static string ReadTable()
    {
        using var table = Posix.Open("/proc/thread-self/mounts", OpenFlags.ReadOnly);
        return Encoding.UTF8.GetString(Posix.ReadAll(table));
    }

    /// <summary>The lines of a text.</summary>
    internal static IReadOnlyList<MountLine> Parse(string mounts)
        => [.. mounts.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ParseLine).OfType<MountLine>()];

    /// <summary>The mount on top at a directory; null when nothing is mounted there.</summary>
    /// <exception cref="StoreIOException"/>
    internal static MountLine? FindAt(string directory) => ReadAll().LastOrDefault(line => line.Point == directory);

    /// <summary>The values of an option, in their order; <c>lowerdir+</c> comes several times. Escaping is undone.</summary>
    internal IEnumerable<string> ValuesOf(string option) => Options.Split(',').Where(part => part.StartsWith(option + "=", StringComparison.Ordinal))
        .Select(part => FileSystemTable.Unescape(part[(option.Length + 1)..]));

    /// <summary>True for overlayfs, and for fuse-overlayfs, which does the same without the kernel's.</summary>
    internal bool IsOverlay => Type is "overlay" or "fuse.fuse-overlayfs";

    /// <summary>
    /// The directories that an option of overlayfs names, as the file system calls them: a backslash takes a character's meaning away, and only in
    /// <c>lowerdir</c> a colon separates them.
    /// </summary>
    internal IEnumerable<string> PlacesOf(string option) => ValuesOf(option).SelectMany(value => SplitPlaces(value, isList: option == "lowerdir"));

    private static IEnumerable<string> SplitPlaces(string value, bool isList)
    {
        var place = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
        {
            if (isList && value[i] == ':')
            {
                yield return place.ToString();
                place.Clear();
                continue;
            }

            i += value[i] == '\\' && i + 1 < value.Length ? 1 : 0;
            place.Append(value[i]);
        }

        yield return place.ToString();
    }

    private static MountLine? ParseLine(string text)
        => text.Split(' ') is [_, var point, var type, var options, ..]
            ? new MountLine(text, FileSystemTable.Unescape(point), type, options) : null;
}
