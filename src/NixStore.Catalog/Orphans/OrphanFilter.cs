using System.Globalization;

namespace NixStore.Catalog.Orphans;

/// <summary>Which objects are asked about.</summary>
public sealed record OrphanFilter
{
    /// <summary>Those written at this moment or later.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>Those written before this moment.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Its SQL. (A statement that makes a table takes no parameters.)</summary>
    internal string ToSql() => (After, Before) switch
    {
        (null, null) => "true",
        ({ } after, null) => $"last_modified >= {Literal(after)}",
        (null, { } before) => $"last_modified < {Literal(before)}",
        ({ } after, { } before) => $"last_modified >= {Literal(after)} AND last_modified < {Literal(before)}",
    };

    private static string Literal(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"TIMESTAMP '{time.UtcDateTime:yyyy-MM-dd HH:mm:ss.ffffff}'");
}
