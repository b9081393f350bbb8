using System.Collections.Concurrent;
using NixStore.Engine.Native;

namespace NixStore.Engine.Database;

/// <summary>
/// A descriptor on one of SQLite's files that is never closed. POSIX record locks belong to the process: closing any descriptor of a
/// file drops the locks that SQLite holds on it through another one (sqlite.org/howtocorrupt.html §2.2), so descriptors of ours that
/// probe or copy a database stay open, one for each file.
/// </summary>
internal static class DatabaseFile
{
    private static readonly ConcurrentDictionary<(ulong Device, ulong Inode), FileDescriptor> s_files = new();
    private static readonly Lock s_gate = new();

    /// <summary>The kept descriptor of a file; null when the file does not exist.</summary>
    /// <exception cref="StoreIOException"/>
    internal static FileDescriptor? Find(string path)
    {
        lock (s_gate)
        {
            if (!Posix.TryStatus(path, out var status, out var error))
            {
                return error == Errno.NoEntry ? null : throw new StoreIOException("open", path, error);
            }

            var key = (status.Device, status.Inode);
            if (!s_files.TryGetValue(key, out var file))
            {
                file = Posix.Open(path, OpenFlags.ReadOnly | OpenFlags.NoAccessTime | OpenFlags.NoFollow);
                s_files[key] = file;
            }

            return file;
        }
    }
}
