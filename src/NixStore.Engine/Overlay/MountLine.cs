using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay;

/// <summary>A line of /proc/self/mounts, as the calling thread's namespace has it (proc_pid_mounts(5)). Later lines lie on top of earlier ones.</summary>
/// <param name="Text">The line as it is, blanks in names written as octal numbers: what Nix looks at.</param>
/// <param name="Source">What was mounted.</param>
/// <param name="Point">Where.</param>
/// <param name="Type">The kind of file system.</param>
/// <param name="Options">Options, in the kernel's order and escaping.</param>
internal sealed record MountLine(string Text, string Source, string Point, string Type, string Options)
{
    /// <summary>All mounts, in their order.</summary>
    /// <exception cref="StoreIOException"/>
    internal static IReadOnlyList<MountLine> ReadAll()
    {
        using var table = Posix.Open("/proc/thread-self/mounts", OpenFlags.ReadOnly);
        return Parse(Posix.ReadAll(table));
    }

    /// <summary>The mounts of such a table, as a process's <c>mounts</c> is one.</summary>
    internal static IReadOnlyList<MountLine> Parse(byte[] table)
        => [.. System.Text.Encoding.UTF8.GetString(table).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).OfType<MountLine>()];

    /// <summary>The mount on top at a directory; null when nothing is mounted there.</summary>
    /// <exception cref="StoreIOException"/>
    internal static MountLine? FindAt(string directory) => ReadAll().LastOrDefault(line => line.Point == directory);

    /// <summary>The values of an option, in their order; <c>lowerdir+</c> comes several times. Escaping is undone.</summary>
    internal IEnumerable<string> ValuesOf(string option) => Options.Split(',').Where(part => part.StartsWith(option + "=", StringComparison.Ordinal))
        .Select(part => FileSystemTable.Unescape(part[(option.Length + 1)..]));

    private static MountLine? Parse(string text)
        => text.Split(' ') is [var source, var point, var type, var options, ..]
            ? new MountLine(text, FileSystemTable.Unescape(source), FileSystemTable.Unescape(point), type, options) : null;
}
