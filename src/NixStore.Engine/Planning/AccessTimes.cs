using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Planning;

/// <summary>Whether anybody keeps note of when files of a store are read.</summary>
internal static class AccessTimes
{
    /// <summary>ST_NOATIME of statvfs(3).</summary>
    /// <summary>Refuses a mount by which reading leaves no access time; with relatime they are at most a day off.</summary>
    /// <exception cref="NixStoreException">AccessTimeNotKept</exception>
    /// <exception cref="StoreIOException"/>
    internal static void EnsureKept(StoreLocation store)
    {
        using var directory = Posix.Open(store.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
        var status = Posix.FileSystemStatus(directory);

        // Through a read-only mount, as NixOS has it at /nix/store, the kernel does not write access times either.
        if (status.KeepsNoAccessTime || status.IsReadOnly)
        {
            throw new NixStoreException("AccessTimeNotKept", StoreErrorKind.NotSupported,
                $"When files of {store.Url} were read is not known: '{store.RealDirectory}' is mounted {(status.IsReadOnly ? "read-only" : "with noatime")}.",
                store.RealDirectory, "Go by -RegisteredBefore and -Order Age or Size; or mount it with relatime, and wait as long as the age you ask for.");
        }
    }
}
