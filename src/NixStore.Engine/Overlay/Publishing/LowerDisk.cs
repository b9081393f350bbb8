using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>The disk that a lower store is on.</summary>
internal static class LowerDisk
{
    /// <summary>Makes all that was written to a lower store, its database too, durable.</summary>
    /// <param name="lower">The lower store.</param>
    /// <param name="directory">Its open directory.</param>
    /// <exception cref="StoreIOException"/>
    internal static void Sync(StoreLocation lower, FileDescriptor directory)
    {
        Posix.Syncfs(directory);
        using var database = Posix.Open($"{lower.StateDirectory}/db", OpenFlags.ReadOnly | OpenFlags.Directory);
        if (Posix.Status(database).Device != Posix.Status(directory).Device)
        {
            Posix.Syncfs(database);
        }
    }
}
