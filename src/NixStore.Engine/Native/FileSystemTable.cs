using System.Text;

namespace NixStore.Engine.Native;

/// <summary>Reads tables of file systems: fstab(5), proc_pid_mountinfo(5).</summary>
internal static class FileSystemTable
{
    /// <summary>The fields of each line; nothing when there is no such file.</summary>
    internal static IEnumerable<string[]> Lines(FileDescriptor? file)
        => file is null || Posix.Status(file).Type != FileType.Regular ? []
            : Encoding.UTF8.GetString(Posix.ReadAll(file)).Split('\n').Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)
                .Select(Unescape).ToArray());

    /// <summary>Blanks, backslashes and, in options of overlayfs, commas are written as octal numbers.</summary>
    internal static string Unescape(string field) => field.Replace("\\040", " ", StringComparison.Ordinal).Replace("\\054", ",", StringComparison.Ordinal)
        .Replace("\\011", "\t", StringComparison.Ordinal).Replace("\\012", "\n", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal);
}
