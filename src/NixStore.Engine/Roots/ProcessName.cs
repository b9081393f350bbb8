using System.Globalization;
using NixStore.Engine.Native;

namespace NixStore.Engine.Roots;

/// <summary>The short name of a running process.</summary>
internal static class ProcessName
{
    /// <summary>Of an open directory of /proc; empty when the process has ended.</summary>
    internal static string Of(FileDescriptor process)
    {
        using var file = Posix.TryOpenAt(process, "comm\0"u8, OpenFlags.ReadOnly, 0, out _);
        Span<byte> name = stackalloc byte[64];
        var length = file is null ? 0 : Math.Max(Posix.TryRead(file, name, out _), 0);
        return ByteName.ToDisplay(name[..length].TrimEnd((byte)'\n'));
    }

    /// <summary>Of a process id; null when there is no such process.</summary>
    internal static string? Of(int id)
    {
        using var process = Posix.TryOpenAt(FileDescriptor.WorkingDirectory,
            ByteName.From(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}")), OpenFlags.PathOnly | OpenFlags.Directory, 0, out _);
        return process is null ? null : Of(process);
    }
}
