using System.Runtime.InteropServices;

namespace NixStore.Catalog.DuckDB;

/// <summary>
/// What DuckDB refused or could not do. ErrorIds: <c>CatalogQueryFailed</c>; <c>CatalogQueryInvalid</c>: the SQL itself is wrong;
/// <c>CatalogMemoryExhausted</c>; <c>CatalogDiskFull</c>; <c>CatalogFileUnreadable</c>: a file is missing, cut off or no Parquet;
/// <c>CatalogSizesTooLarge</c>.
/// </summary>
public sealed class DuckException : NixStoreException
{
    /// <summary>ErrorId of sizes whose sum (the macro <c>total_size</c>) no number holds, in either engine.</summary>
    internal const string SizesTooLarge = "CatalogSizesTooLarge";

    internal const string SizesTooLargeRemedy = "Somebody lies about sizes: Find-BinaryCachePath -MinimumSize 1PB shows who.";

    private DuckException(string errorId, StoreErrorKind kind, string message, string? remedy)
        : base(errorId, kind, message, null, remedy)
    {
    }

    internal static unsafe DuckException From(byte* text) => From(Marshal.PtrToStringUTF8((nint)text) ?? "DuckDB gives no reason.");

    internal static DuckException From(string message)
    {
        var kind = message.Split(':', 2)[0];
        var (errorId, storeKind, remedy) = kind switch
        {
            _ when message.Contains("No space left on device", StringComparison.Ordinal)
                || message.Contains("disk is full", StringComparison.OrdinalIgnoreCase) => ("CatalogDiskFull", StoreErrorKind.DiskFull,
                "Free some space where the catalog is, or choose another temporary directory by TMPDIR."),
            _ when message.Contains("sizes add up to", StringComparison.Ordinal) => (SizesTooLarge, StoreErrorKind.InvalidData, SizesTooLargeRemedy),
            "Out of Memory Error" => ("CatalogMemoryExhausted", StoreErrorKind.NotSupported, "Give it more memory by $env:NIXSTORE_CATALOG_MEMORY, for example 8GB."),
            "Parser Error" or "Binder Error" or "Catalog Error" or "Conversion Error" => ("CatalogQueryInvalid", StoreErrorKind.InvalidArgument,
                "Columns and functions are in the help: about_NixStore_BinaryCaches."),
            "IO Error" or "Invalid Input Error" => ("CatalogFileUnreadable", StoreErrorKind.ReadError, (string?)null),
            _ => ("CatalogQueryFailed", StoreErrorKind.InvalidData, null),
        };
        return new DuckException(errorId, storeKind, message.Trim(), remedy);
    }
}
