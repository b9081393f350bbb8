using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Database;

/// <summary>
/// Decides how a database can be read without changing a byte and without missing a row:
/// somebody has it open → through the shared memory beside the writer; nobody has, and nothing waits in a log → as it is
/// (immutable); nobody has, but a log waits (a snapshot, a crash, read-only media) → a scratch copy on which SQLite recovers.
/// </summary>
internal sealed class DatabaseAccess : IDisposable
{
    private const int Attempts = 8;

    // os_unix.c: every connection in WAL mode holds a shared lock on the dead man's switch, byte 128 of the -shm file.
    private const long DeadManSwitch = 120 + 8;

    // os_unix.c: PENDING_BYTE + 2, SHARED_SIZE: a shared lock there keeps the last closer from checkpointing under an immutable reader.
    private const long SharedFirst = 0x40000000 + 2;
    private const long SharedSize = 510;

    private readonly string? _scratch;
    private readonly FileDescriptor? _unchanged;
    private readonly FileStatus _before;

    private DatabaseAccess(string uri, string? scratch = null, FileDescriptor? unchanged = null)
    {
        Uri = uri;
        _scratch = scratch;
        _unchanged = unchanged;
        _before = unchanged is null ? default : Posix.Status(unchanged);
    }

    /// <summary>What SQLite is to open.</summary>
    internal string Uri { get; }

    /// <summary>True when the rows come from a scratch copy.</summary>
    internal bool IsCopy => _scratch is not null;

    /// <summary>True when the rows are read beside another process that has the database open.</summary>
    internal bool IsLive => !IsCopy && !Uri.EndsWith("immutable=1", StringComparison.Ordinal);

    /// <summary>Chooses the way for the database of a store.</summary>
    /// <exception cref="StoreDatabaseException">DatabaseNotFound, DatabaseEmpty, DatabaseBusy</exception>
    /// <exception cref="StoreIOException"/>
    internal static DatabaseAccess For(StoreLocation store)
    {
        var path = store.DatabasePath;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var database = DatabaseFile.Find(path) ?? throw new StoreDatabaseException("DatabaseNotFound", StoreErrorKind.NotFound,
                $"There is no database '{path}'.", path, Directory.Exists(store.RealDirectory)
                    ? "If the store directory has contents, the database was lost; do not run Nix on it, it would start an empty one."
                    : "Check -Store: there is no Nix store.");
            if (Posix.Status(database).Size == 0 && !(DatabaseFile.Find(path + "-wal") is { } log && Posix.Status(log).Size > 0))
            {
                throw new StoreDatabaseException("DatabaseEmpty", StoreErrorKind.InvalidData, $"The database '{path}' is an empty file.", path,
                    "The database was lost; keep the directory as it is and do not run a garbage collection.");
            }

            if (IsOpenElsewhere(path))
            {
                return new DatabaseAccess(ToUri(path, "mode=ro"));
            }

            if (!HasLog(path + "-wal") && !HasLog(path + "-journal"))
            {
                _ = Posix.TryRecordLock(database, LockMode.Shared, SharedFirst, SharedSize);
                return new DatabaseAccess(ToUri(path, "mode=ro&immutable=1"), null, database);
            }

            if (TryCopy(path, database) is { } scratch)
            {
                return new DatabaseAccess(ToUri($"{scratch}/db.sqlite", "mode=rw"), scratch);
            }
        }

        throw new StoreDatabaseException("DatabaseBusy", StoreErrorKind.Busy, $"The database '{path}' kept changing while it was copied.", path,
            "Run the command again when fewer builds are finishing.");
    }

    /// <summary>Raises an error when a file read as immutable was changed meanwhile: what was read may be torn.</summary>
    /// <exception cref="StoreDatabaseException">DatabaseChanged</exception>
    internal void EnsureUnchanged(string path)
    {
        if (_unchanged is null)
        {
            return;
        }

        var now = Posix.Status(_unchanged);
        if (now.Size != _before.Size || now.ChangeTime != _before.ChangeTime)
        {
            throw new StoreDatabaseException("DatabaseChanged", StoreErrorKind.Busy,
                $"The database '{path}' was changed by another process while it was read.", path, "Run the command again.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_scratch is not null)
        {
            Directory.Delete(_scratch, recursive: true);
        }
    }

    private static bool IsOpenElsewhere(string path)
        => DatabaseFile.Find(path + "-shm") is { } shared && Posix.IsRecordLocked(shared, LockMode.Exclusive, DeadManSwitch, 1);

    private static bool HasLog(string path) => DatabaseFile.Find(path) is { } log && Posix.Status(log).Size > 0;

    /// <summary>
    /// Copies the database, then its log. A checkpoint that runs meanwhile only moves pages which the log still has; only a restarted
    /// log (other salts in its header) or a log that came or went makes the pair inconsistent, and then the copy is made again.
    /// </summary>
    private static string? TryCopy(string path, FileDescriptor database)
    {
        var scratch = Directory.CreateTempSubdirectory("nixstore-").FullName;
        var complete = false;
        try
        {
            var header = LogHeader(path);
            CopyInto(database, $"{scratch}/db.sqlite");
            foreach (var suffix in (string[])["-wal", "-journal"])
            {
                if (DatabaseFile.Find(path + suffix) is { } log)
                {
                    CopyInto(log, $"{scratch}/db.sqlite{suffix}");
                }
            }

            complete = header.AsSpan().SequenceEqual(LogHeader(path)) && !IsOpenElsewhere(path);
            return complete ? scratch : null;
        }
        finally
        {
            if (!complete)
            {
                Directory.Delete(scratch, recursive: true);
            }
        }
    }

    private static byte[] LogHeader(string path)
    {
        var header = new byte[32];
        return DatabaseFile.Find(path + "-wal") is { } log ? header[..Posix.Pread(log, header, 0)] : [];
    }

    private static void CopyInto(FileDescriptor source, string target)
    {
        using var copy = Posix.Open(target, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0x180);
        Posix.CopyContents(source, copy, Posix.Status(source).Size);
    }

    private static string ToUri(string path, string query)
        => "file:" + System.Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal) + "?" + query;
}
