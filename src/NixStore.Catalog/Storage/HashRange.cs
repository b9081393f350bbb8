using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.Storage;

/// <summary>
/// A range of hashes. Large tables are worked on a range at a time: their parts are sorted by hash, so a range reads little more than itself and
/// needs a part of the memory.
/// </summary>
/// <param name="From">The first that is in it; null = from the beginning.</param>
/// <param name="Until">The first that is not; null = to the end.</param>
internal sealed record HashRange(string? From, string? Until)
{
    /// <summary>Rows that are worked on at once.</summary>
    internal const long RowsAtOnce = 4_000_000;

    private const string Digits = "0123456789abcdfghijklmnpqrsvwxyz";

    /// <summary>The ranges for a table of so many rows, in order: one, or one for each first character.</summary>
    internal static IReadOnlyList<HashRange> For(long rows, long atOnce = RowsAtOnce)
        => rows <= atOnce ? [new HashRange(null, null)]
            : [.. Digits.Select((digit, place) => new HashRange(place == 0 ? null : digit.ToString(), place == Digits.Length - 1 ? null : Digits[place + 1].ToString()))];

    /// <summary>The condition that a column is in it.</summary>
    internal string Condition(string column) => (From, Until) switch
    {
        (null, null) => "true",
        (null, { } until) => $"{column} < {DuckSession.Quote(until)}",
        ({ } from, null) => $"{column} >= {DuckSession.Quote(from)}",
        ({ } from, { } until) => $"{column} >= {DuckSession.Quote(from)} AND {column} < {DuckSession.Quote(until)}",
    };
}
