using Npgsql;

namespace NixStore.Catalog.Hydra;

/// <summary>What PostgreSQL and the way to it refuse, as errors of this module.</summary>
internal static class HydraErrors
{
    /// <summary>The error.</summary>
    internal static NixStoreException From(Exception error, HydraDatabase database) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } denied => new NixStoreException(
            "HydraAccessDenied", StoreErrorKind.PermissionDenied, $"'{database}' lets nobody in with this user and password: {denied.MessageText}", database.Name,
            "Give -Credential, or a line in ~/.pgpass.", error),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ReadOnlySqlTransaction } denied => new NixStoreException(
            "HydraAccessDenied", StoreErrorKind.PermissionDenied, $"The user of '{database}' may not do that: {denied.MessageText}", database.Name,
            "Reading needs SELECT on buildstepoutputs, buildsteps and builds; exporting needs CREATE on the database, or on the schema nixstore if it is there.", error),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } missing => new NixStoreException(
            "HydraDatabaseMissing", StoreErrorKind.NotFound, $"There is no database '{database}': {missing.MessageText}", database.Name, "Check the name of the database.", error),
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn } missing => new NixStoreException(
            "HydraTableMissing", StoreErrorKind.NotFound, $"'{database}' is no database of Hydra: {missing.MessageText}", database.Name,
            "Check the name of the database, and its user's search_path.", error),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } full => new NixStoreException(
            "HydraDiskFull", StoreErrorKind.DiskFull, $"The server of '{database}' has no space left: {full.MessageText}", database.Name,
            "Give it some, then run the command again: what is done already is not done again.", error),
        PostgresException other when !other.IsTransient => new NixStoreException("HydraQueryFailed", StoreErrorKind.InvalidData, $"'{database}' has refused: {other.MessageText}", database.Name, null, error),
        _ => new NixStoreException("HydraConnectionFailed", StoreErrorKind.Connection, $"'{database}' cannot be reached: {(error.InnerException ?? error).Message}", database.Name,
            "Check that the server runs and accepts connections from here, then run the command again: what is done already is not done again.", error),
    };
}
