using Microsoft.Data.Sqlite;

namespace NixStore.Engine.Database;

/// <summary>The store's database is missing, damaged, newer than this product, or busy.</summary>
public sealed class StoreDatabaseException : NixStoreException
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int Constraint = 19;
    private const int NotADatabase = 26;

    /// <summary>Makes an error about the database at <paramref name="path"/>.</summary>
    public StoreDatabaseException(
        string errorId, StoreErrorKind kind, string message, string path, string? remedy = null, Exception? inner = null)
        : base(errorId, kind, message, path, remedy, inner)
    {
    }

    /// <summary>True when another connection is in the way and a later try may succeed.</summary>
    internal static bool IsBusy(SqliteException error) => error.SqliteErrorCode is Busy or Locked;

    /// <summary>Translates what SQLite said.</summary>
    public static StoreDatabaseException From(SqliteException error, string path) => error.SqliteErrorCode switch
    {
        Busy or Locked => new("DatabaseBusy", StoreErrorKind.Busy, $"The database '{path}' is locked by another process.", path,
            "Wait for the running Nix operation to end, then run the command again.", error),
        Corrupt or NotADatabase => new("DatabaseMalformed", StoreErrorKind.InvalidData,
            $"The database '{path}' is damaged: {error.Message}", path,
            "Keep a copy of the db directory; do not run a garbage collection. Test-StoreDatabase tells how far the damage goes.", error),
        Full => new("DiskFull", StoreErrorKind.DiskFull, $"The database '{path}' cannot grow: no space is left.", path,
            "Free space on the file system (nothing was lost), then run the command again.", error),
        ReadOnly => new("ReadOnlyFileSystem", StoreErrorKind.PermissionDenied, $"The database '{path}' cannot be written.", path,
            "Run as the owner of the store, on a writable file system.", error),
        InputOutput => new("InputOutputError", StoreErrorKind.ReadError, $"The database '{path}' could not be read or written: {error.Message}",
            path, "Look at the kernel log (dmesg) and the disk's health before anything else.", error),
        CannotOpen => new("DatabaseNotFound", StoreErrorKind.NotFound, $"The database '{path}' cannot be opened: {error.Message}", path,
            "Check the path and your permissions (-Store).", error),
        Constraint => new("DatabaseConstraint", StoreErrorKind.InvalidData,
            $"The database '{path}' refused a change that would break its own rules: {error.Message}", path,
            "Test-StoreDatabase shows which rows contradict each other.", error),
        _ when error.Message.Contains("no such table: ValidPaths", StringComparison.Ordinal) => new("DatabaseEmpty", StoreErrorKind.InvalidData,
            $"The database '{path}' has none of a store's tables.", path,
            "If the store directory has contents, the database was lost: rebuild it; do not run a garbage collection.", error),
        _ when error.Message.Contains("no such ", StringComparison.Ordinal) => new("DatabaseMalformed", StoreErrorKind.InvalidData,
            $"The database '{path}' lacks a part of a store's schema: {error.Message}", path,
            "Keep a copy of the db directory; do not run a garbage collection. Test-StoreDatabase tells how far the damage goes.", error),
        _ => new("DatabaseError", StoreErrorKind.InvalidData, $"The database '{path}' gave an error: {error.Message}", path, null, error),
    };
}
