namespace NixStore.Catalog.Orphans;

/// <summary>Which objects are asked about.</summary>
public sealed record OrphanFilter
{
    /// <summary>Those written at this moment or later.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>Those written before this moment.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Its SQL; $1 and $2 are the moments.</summary>
    internal const string Condition = "($1 IS NULL OR last_modified >= $1) AND ($2 IS NULL OR last_modified < $2)";
}
