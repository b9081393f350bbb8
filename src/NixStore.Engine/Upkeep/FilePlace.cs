using System.Globalization;
using NixStore.Engine.Native;

namespace NixStore.Engine.Upkeep;

/// <summary>Where an open file is, free of symbolic links.</summary>
internal static class FilePlace
{
    private const int LongestPath = 4096;

    /// <summary>The path as the kernel knows it, without a NUL; null when it cannot be told.</summary>
    internal static byte[]? Of(FileDescriptor file)
    {
        Span<byte> buffer = stackalloc byte[LongestPath];
        var name = ByteName.From(string.Create(CultureInfo.InvariantCulture, $"/proc/thread-self/fd/{file.Number}"));
        var length = Posix.TryReadLinkAt(FileDescriptor.WorkingDirectory, name, buffer, out _);
        return length > 0 && buffer[0] == '/' ? buffer[..length].ToArray() : null;
    }
}
