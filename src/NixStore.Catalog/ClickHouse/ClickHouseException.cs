using System.Globalization;
using System.Text.RegularExpressions;
using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// What a ClickHouse server refused or could not do. ErrorIds: <c>CatalogQueryInvalid</c>: the SQL itself is wrong; <c>CatalogQueryTooLarge</c>;
/// <c>CatalogMemoryExhausted</c>; <c>CatalogDiskFull</c>; <c>CatalogSizesTooLarge</c>; <c>ClickHouseAccessDenied</c>;
/// <c>ClickHouseLimitExceeded</c>: a limit of the user's profile; <c>ClickHouseBusy</c>; <c>ClickHouseQueryFailed</c>.
/// </summary>
public sealed partial class ClickHouseException : NixStoreException
{
    private const int ShownLength = 600;
    private const string TooLarge = "Ask for less at once: fewer wildcards, or a shorter condition.";

    private ClickHouseException(string errorId, StoreErrorKind kind, string message, string server, string? remedy, int code)
        : base(errorId, kind, message, server, remedy)
        => Code = code;

    /// <summary>The server's number of the error; 0 = it gave none.</summary>
    public int Code { get; }

    /// <summary>Sorts the words of a server.</summary>
    internal static ClickHouseException From(string server, string text)
    {
        var code = ErrorCode().Match(text) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;
        var (errorId, kind, remedy) = code switch
        {
            // The parser has limits of depth and length.
            167 or 168 => ("CatalogQueryTooLarge", StoreErrorKind.InvalidArgument, TooLarge),
            62 when text.Contains("Max query size exceeded", StringComparison.Ordinal) => ("CatalogQueryTooLarge", StoreErrorKind.InvalidArgument, TooLarge),

            // Unknown column, function, table, syntax, types that do not fit.
            10 or 42 or 43 or 46 or 47 or 53 or 62 or 70 or 386 => ("CatalogQueryInvalid", StoreErrorKind.InvalidArgument, "Columns are in the help: about_NixStore_BinaryCaches. Functions are those of ClickHouse."),
            241 => ("CatalogMemoryExhausted", StoreErrorKind.NotSupported, "Let the user's profile have a greater max_memory_usage."),
            395 => (DuckException.SizesTooLarge, StoreErrorKind.InvalidData, DuckException.SizesTooLargeRemedy),
            243 => ("CatalogDiskFull", StoreErrorKind.DiskFull, "Free some space on the server."),
            192 or 193 or 194 or 195 or 291 or 497 or 516 or 164 => ("ClickHouseAccessDenied", StoreErrorKind.PermissionDenied,
                "Check user and password (-Credential or $env:CLICKHOUSE_PASSWORD), and what the user may do."),

            // Too many rows, too long, too slow, too large a query, the quota, too large a set, too many bytes, limits in general, too large a result.
            158 or 159 or 160 or 168 or 191 or 201 or 290 or 307 or 396 => ("ClickHouseLimitExceeded", StoreErrorKind.NotSupported,
                "Let the user's profile have greater limits, or none (max_rows_to_read, max_execution_time, max_rows_in_set and so on), or ask as a user whose profile has none."),
            202 => ("ClickHouseBusy", StoreErrorKind.Busy, "Try again when less is asked of it."),
            _ => ("ClickHouseQueryFailed", StoreErrorKind.ReadError, (string?)null),
        };
        return new ClickHouseException(errorId, kind, $"The ClickHouse server {server} says: {Shown(text)}", server, remedy, code);
    }

    /// <summary>What a server has sent, as it may be shown: a line, not too long, without control characters.</summary>
    internal static string Shown(string text)
    {
        var line = new string([.. text.Trim().Take(ShownLength).Select(character => char.IsControl(character) ? ' ' : character)]);
        return line.Length == ShownLength ? line + "…" : line;
    }

    [GeneratedRegex(@"^\s*Code: ([0-9]{1,6})\b")]
    private static partial Regex ErrorCode();
}
