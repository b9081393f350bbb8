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

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private readonly string? _scratch;
    private readonly DatabaseFile? _held;
    private readonly FileStatus _before;

    private DatabaseAccess(string uri, string? scratch = null, DatabaseFile? held = null)
    {
        Uri = uri;
        _scratch = scratch;
        _held = held;
        _before = held is null ? default : Posix.Status(held.Descriptor);
    }

    /// <summary>What SQLite is to open.</summary>
    internal string Uri { get; }

    /// <summary>True when the rows come from a scratch copy.</summary>
    internal bool IsCopy => _scratch is not null;

    /// <summary>True when the rows are read beside another process that has the database open.</summary>
    internal bool IsLive => !IsCopy && !Uri.EndsWith("immutable=1", StringComparison.Ordinal);

    /// <summary>Chooses the way for the database of a store.</summary>
    /// <exception cref="StoreDatabaseException">DatabaseNotFound, DatabaseEmpty, DatabaseBusy, ScratchNotWritable</exception>
    /// <exception cref="StoreIOException"/>
    internal static DatabaseAccess For(StoreLocation store, DatabaseFiles files) => For(store.DatabasePath, files, () => Directory.Exists(store.RealDirectory)
        ? "If the store directory has contents, the database was lost; do not run Nix on it, it would start an empty one."
        : "Check -Store: there is no Nix store.");

    /// <summary>Chooses the way for any database file.</summary>
    /// <exception cref="StoreDatabaseException">DatabaseNotFound, DatabaseEmpty, DatabaseBusy, ScratchNotWritable</exception>
    /// <exception cref="StoreIOException"/>
    internal static DatabaseAccess For(string path, DatabaseFiles files, Func<string> remedyWhenMissing)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var database = files.Find(path) ?? throw new StoreDatabaseException("DatabaseNotFound", StoreErrorKind.NotFound,
                $"There is no database '{path}'.", path, remedyWhenMissing());
            if (Posix.Status(database.Descriptor).Size == 0)
            {
                // Not even a log would help: SQLite deletes that of an empty database.
                throw new StoreDatabaseException("DatabaseEmpty", StoreErrorKind.InvalidData, $"The database '{path}' is an empty file.", path,
                    "The database was lost; keep the directory as it is and do not run a garbage collection.");
            }

            if (IsOpenElsewhere(files, path))
            {
                return new DatabaseAccess(ToUri(path, "mode=ro"));
            }

            // First the lock, then the look at the logs: what is seen under the lock stays true.
            if (database.TryHold())
            {
                if (TryUnderLock(files, database, path) is { } access)
                {
                    return access;
                }
            }
            else
            {
                Thread.Sleep(s_pause);
            }
        }

        throw new StoreDatabaseException("DatabaseBusy", StoreErrorKind.Busy, $"The database '{path}' kept changing while it was opened.", path,
            "Run the command again when fewer builds are finishing.");
    }

    /// <summary>False when a file read as immutable was changed meanwhile: what was read may be torn.</summary>
    internal bool IsUnchanged => _held is null || IsSameVersion(_before, Posix.Status(_held.Descriptor));

    /// <inheritdoc/>
    public void Dispose()
    {
        _held?.Release();
        if (_scratch is not null)
        {
            Directory.Delete(_scratch, recursive: true);
        }
    }

    /// <summary>Takes over the lock when the file is read in its place, and gives it back otherwise.</summary>
    private static DatabaseAccess? TryUnderLock(DatabaseFiles files, DatabaseFile database, string path)
    {
        DatabaseAccess? access = null;
        try
        {
            if (HasLog(files, path + "-wal") || HasLog(files, path + "-journal"))
            {
                return TryCopy(files, path, database) is { } scratch
                    ? new DatabaseAccess(ToUri($"{scratch}/db.sqlite", "mode=rw"), scratch) : null;
            }

            return access = IsOpenElsewhere(files, path) ? null : new DatabaseAccess(ToUri(path, "mode=ro&immutable=1"), null, database);
        }
        finally
        {
            if (access is null)
            {
                database.Release();
            }
        }
    }

    /// <summary>True when somebody has the database of a path open in WAL mode, who need not hold any lock of Nix.</summary>
    /// <exception cref="StoreIOException"/>
    internal static bool IsOpenElsewhere(DatabaseFiles files, string path)
        => files.Find(path + "-shm") is { } shared && Posix.IsRecordLocked(shared.Descriptor, LockMode.Exclusive, DeadManSwitch, 1);

    private static bool HasLog(DatabaseFiles files, string path) => files.Find(path) is { } log && Posix.Status(log.Descriptor).Size > 0;

    /// <summary>Copies the database and its logs; null when any of them changed meanwhile, so that they may not fit together.</summary>
    private static string? TryCopy(DatabaseFiles files, string path, DatabaseFile database)
    {
        var scratch = MakeScratch(path);
        var complete = false;
        try
        {
            var before = Versions();
            CopyInto(database.Descriptor, $"{scratch}/db.sqlite");
            foreach (var suffix in (string[])["-wal", "-journal"])
            {
                if (files.Find(path + suffix) is { } log)
                {
                    CopyInto(log.Descriptor, $"{scratch}/db.sqlite{suffix}");
                }
            }

            complete = before.Zip(Versions()).All(pair => IsSameVersion(pair.First, pair.Second)) && !IsOpenElsewhere(files, path);
            return complete ? scratch : null;
        }
        finally
        {
            if (!complete)
            {
                Directory.Delete(scratch, recursive: true);
            }
        }

        FileStatus[] Versions() => [.. ((string[])["", "-wal", "-journal"])
            .Select(suffix => files.Find(path + suffix) is { } file ? Posix.Status(file.Descriptor) : default)];
    }

    private static bool IsSameVersion(in FileStatus one, in FileStatus other)
        => one.IsSameFile(other) && one.Size == other.Size && one.ChangeTime == other.ChangeTime;

    private static string MakeScratch(string path)
    {
        try
        {
            return Directory.CreateTempSubdirectory("nixstore-").FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreDatabaseException("ScratchNotWritable", StoreErrorKind.WriteError,
                $"The database '{path}' has a log that must be read with it, but no copy can be made below '{Path.GetTempPath()}': {error.Message}",
                path, "Set TMPDIR to a directory that can be written and has room for the database.", error);
        }
    }

    private static void CopyInto(FileDescriptor source, string target)
    {
        using var copy = Posix.Open(target, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0x180);
        Posix.CopyContents(source, copy, Posix.Status(source).Size);
    }

    private static string ToUri(string path, string query)
        => "file:" + System.Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal) + "?" + query;
}
