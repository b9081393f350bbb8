using NixStore.Catalog.Querying;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>A policy as conditions over <c>narinfos</c>. All values are literals: statements that write take no parameters.</summary>
internal static class PruneConditions
{
    /// <summary>The moment as of which something is too young; null when ages are not asked.</summary>
    internal static DateTimeOffset? Since(DateTimeOffset moment, TimeSpan age)
        => age <= TimeSpan.Zero ? null : moment.UtcTicks > age.Ticks ? moment - age : DateTimeOffset.UnixEpoch;

    /// <summary>What is looked at.</summary>
    internal static string Candidate(SqlDialect dialect, PruneRequest request, IReadOnlyList<BinaryCachePruneClass> classes)
    {
        List<string> conditions = [];
        if (request.HashParts is not null)
        {
            conditions.Add(dialect.IsGivenPath("hash"));
        }

        if (request.Names.Count > 0)
        {
            conditions.Add(dialect.MatchAny("pname", request.Names));
        }

        if (classes.Count > 0)
        {
            conditions.Add(dialect.MatchAny("pname", classes.SelectMany(item => item.Patterns)));
        }

        if (request.Before is { } before)
        {
            conditions.Add($"last_modified_at < {dialect.Value(before)}");
        }

        if (request.Unreachable)
        {
            conditions.Add("depth(hash) < 0");
        }

        // Orphans alone: no path.
        return conditions.Count > 0 ? string.Join(" AND ", conditions) : "false";
    }

    /// <summary>What is too young, or too young for all of the classes by which it was chosen.</summary>
    internal static string Young(SqlDialect dialect, PruneRequest request, IReadOnlyList<BinaryCachePruneClass> classes)
    {
        var young = Since(request.Moment, request.MinimumAge) is { } since
            ? $"last_modified_at IS NULL OR last_modified_at > {dialect.Value(since)} OR {dialect.IsYoungNar("url")}" : "false";
        return classes.Any(item => item.MinimumAge is not null) ? $"({young}) OR NOT coalesce({string.Join(" OR ", classes.Select(item => Old(dialect, request, item)))}, false)" : young;
    }

    /// <summary>The first class of each name.</summary>
    internal static string ClassOf(IReadOnlyList<BinaryCachePruneClass> classes)
        => classes.Count == 0 ? "NULL::VARCHAR"
            : $"CASE {string.Join(' ', classes.Select(item => $"WHEN {SqlWildcard.MatchAny("pname", item.Patterns)} THEN {DuckDB.DuckSession.Quote(item.Name)}"))} END";

    private static string Old(SqlDialect dialect, PruneRequest request, BinaryCachePruneClass item)
    {
        var match = dialect.MatchAny("pname", item.Patterns);
        return item.MinimumAge is { } age && Since(request.Moment, age) is { } since ? $"({match} AND last_modified_at <= {dialect.Value(since)})" : match;
    }
}
