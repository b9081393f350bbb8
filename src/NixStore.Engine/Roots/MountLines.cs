using System.Text;
using NixStore.Engine.Native;

namespace NixStore.Engine.Roots;

/// <summary>The lines of fstab(5) and of mountinfo in proc(5), each as its fields.</summary>
internal static class MountLines
{
    /// <summary>The lines of an open table; none when there is no file.</summary>
    /// <exception cref="StoreIOException"/>
    internal static IEnumerable<string[]> Of(FileDescriptor? table)
        => table is null || Posix.Status(table).Type != FileType.Regular ? []
            : Encoding.UTF8.GetString(Posix.ReadAll(table)).Split('\n').Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)
                .Select(Unescape).ToArray());

    /// <summary>Blanks and the like are written as octal numbers.</summary>
    private static string Unescape(string field) => field.Replace("\\040", " ", StringComparison.Ordinal)
        .Replace("\\011", "\t", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal);
}
