using System.Globalization;
using System.Text;
using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay;

/// <summary>What the kernel lets this process do.</summary>
internal static class ProcessStatus
{
    private const int AdministratorCapability = 21;

    /// <summary>True with CAP_SYS_ADMIN, in whichever user namespace: mounts can be made.</summary>
    internal static bool MayMount => ulong.TryParse(Field("CapEff"), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var capabilities)
        && (capabilities & (1UL << AdministratorCapability)) != 0;

    /// <summary>True in a user namespace that somebody has made: attributes trusted.* are not to be had there.</summary>
    internal static bool IsInUserNamespace => TryReadText("/proc/self/uid_map") is { } map
        && map.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is not ["0", "0", "4294967295"];

    /// <summary>True when a filter decides which system calls are allowed, as in most containers.</summary>
    internal static bool IsFiltered => Field("Seccomp") is "2";

    /// <summary>A small file of /proc, without the newline at its end; null when it cannot be read.</summary>
    internal static string? TryReadText(string path)
    {
        using var file = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path), OpenFlags.ReadOnly | OpenFlags.CloseOnExec, 0, out _);
        try
        {
            return file is null ? null : Encoding.UTF8.GetString(Posix.ReadAll(file)).TrimEnd('\n');
        }
        catch (StoreIOException)
        {
            // A process that has ended, or one that is none of our business.
            return null;
        }
    }

    private static string? Field(string name) => TryReadText("/proc/self/status")?.Split('\n')
        .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal))?[(name.Length + 1)..].Trim();
}
