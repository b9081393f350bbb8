using NixStore.Engine.Native;

namespace NixStore.Engine.Database;

/// <summary>
/// Descriptors on SQLite's files that stay open as long as any connection of this product does. POSIX record locks belong to the process:
/// closing any descriptor of a file drops the locks that SQLite holds on it through another one (sqlite.org/howtocorrupt.html §2.2), so
/// descriptors that probe or copy a database are kept, one for each file, until the last user of any database is gone (kept longer, they
/// would keep file systems from being unmounted).
/// </summary>
internal sealed class DatabaseFiles : IDisposable
{
    private static readonly Dictionary<(ulong Device, ulong Inode), DatabaseFile> s_files = [];
    private static readonly Lock s_gate = new();
    private static int s_users;
    private bool _isDisposed;

    private DatabaseFiles()
    {
    }

    /// <summary>Announces a connection, before it is made. To be disposed when it is closed.</summary>
    internal static DatabaseFiles Use()
    {
        lock (s_gate)
        {
            s_users++;
            return new DatabaseFiles();
        }
    }

    /// <summary>The kept descriptor of a file; null when the file does not exist.</summary>
    /// <exception cref="StoreIOException"/>
    internal DatabaseFile? Find(string path)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        lock (s_gate)
        {
            if (!Posix.TryStatus(path, out var status, out var error))
            {
                return error == Errno.NoEntry ? null : throw new StoreIOException("open", path, error);
            }

            var key = (status.Device, status.Inode);
            if (!s_files.TryGetValue(key, out var file))
            {
                file = new DatabaseFile(Posix.Open(path, OpenFlags.ReadOnly | OpenFlags.NoAccessTime | OpenFlags.NoFollow));
                s_files[key] = file;
            }

            return file;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (s_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            if (--s_users == 0)
            {
                foreach (var file in s_files.Values)
                {
                    file.Dispose();
                }

                s_files.Clear();
            }
        }
    }
}
