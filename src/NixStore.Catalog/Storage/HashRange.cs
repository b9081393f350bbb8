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

    /// <summary>Fewer ranges, as many as are needed: of neighbouring first characters, in order.</summary>
    internal static IReadOnlyList<HashRange> Split(long rows, long atOnce = RowsAtOnce)
    {
        var characters = Digits.Length;
        for (; characters > 1 && rows / (Digits.Length / characters) > atOnce;)
        {
            characters /= 2;
        }

        return [.. Enumerable.Range(0, Digits.Length / characters).Select(range => new HashRange(
            range == 0 ? null : Digits[range * characters].ToString(), (range + 1) * characters == Digits.Length ? null : Digits[(range + 1) * characters].ToString()))];
    }

    /// <summary>The range of texts in which a prefix stands before the hash. The first and the last have whatever is before and behind all of them.</summary>
    internal HashRange Behind(string prefix) => new(From is null ? null : prefix + From, Until is null ? null : prefix + Until);

    /// <summary>The condition that a column is in it.</summary>
    internal string Condition(string column) => (From, Until) switch
    {
        (null, null) => "true",
        (null, { } until) => $"{column} < {DuckSession.Quote(until)}",
        ({ } from, null) => $"{column} >= {DuckSession.Quote(from)}",
        ({ } from, { } until) => $"{column} >= {DuckSession.Quote(from)} AND {column} < {DuckSession.Quote(until)}",
    };
}
