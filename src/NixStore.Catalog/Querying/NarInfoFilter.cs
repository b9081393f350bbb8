using NixStore.Catalog.Roots;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Querying;

/// <summary>Which narinfos are wanted; what several properties say must all hold, of a list one value is enough.</summary>
public sealed record NarInfoFilter
{
    /// <summary>Wildcards (<c>*</c>, <c>?</c>, <c>[a-c]</c>) for the whole name after the hash; upper and lower case differ.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Wildcards for the name of the package: what is before the version, split as Nix does.</summary>
    public IReadOnlyList<string> PackageNames { get; init; } = [];

    /// <summary>Wildcards for the version, split off as Nix does.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];

    /// <summary>Wildcards for the system.</summary>
    public IReadOnlyList<string> Systems { get; init; } = [];

    /// <summary>Hash parts.</summary>
    public IReadOnlyList<string> HashParts { get; init; } = [];

    /// <summary>Bytes of the NAR file at least; of the NAR where the file's size is not known.</summary>
    public long? MinimumSize { get; init; }

    /// <summary>Bytes at most.</summary>
    public long? MaximumSize { get; init; }

    /// <summary>Written before this moment.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Written at this moment or later.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>Only fixed outputs (sources, mostly), whose hash is known in advance.</summary>
    public bool FixedOutput { get; init; }

    /// <summary>Only those that the roots lead to (true) or do not lead to (false); null = both. Needs <see cref="Reachability"/>.</summary>
    public bool? IsReachable { get; init; }

    /// <summary>What the roots lead to; when it is given, what is found says its depth. It must outlive the search.</summary>
    public IRootReachability? Reachability { get; init; }

    /// <summary>Only those that Hydra's buildstepoutputs does not know.</summary>
    public bool IsOrphan { get; init; }

    /// <summary>A condition of SQL over the columns of <c>narinfos</c>.</summary>
    public string? Sql { get; init; }

    /// <summary>The condition.</summary>
    /// <param name="dialect">The engine's SQL, and where the values go.</param>
    /// <param name="range">The hashes that are looked at.</param>
    internal string ToCondition(SqlDialect dialect, HashRange range)
    {
        var conditions = new List<string>();
        AddAny(conditions, Names, pattern => dialect.Match("pname", pattern));
        AddAny(conditions, PackageNames, pattern => PackageNameCondition(dialect, pattern));
        AddAny(conditions, Versions, pattern => dialect.Match("package_version(pname)", pattern));
        AddAny(conditions, Systems, pattern => dialect.Match("system", pattern));
        if (HashParts.Count > 0)
        {
            conditions.Add(dialect.IsAnyOf("hash", HashParts));
        }

        const string size = "coalesce(file_size, nar_size)";
        Add(conditions, MinimumSize, value => $"{size} >= {dialect.Value(value)}");
        Add(conditions, MaximumSize, value => $"{size} <= {dialect.Value(value)}");
        Add(conditions, Before, value => $"last_modified_at < {dialect.Value(value)}");
        Add(conditions, After, value => $"last_modified_at >= {dialect.Value(value)}");
        if (FixedOutput)
        {
            conditions.Add("starts_with(ca, 'fixed:')");
        }

        if (IsReachable is { } reachable)
        {
            conditions.Add(reachable ? "depth(hash) >= 0" : "depth(hash) < 0");
        }

        if (IsOrphan)
        {
            conditions.Add(range.Condition("hash"));
            conditions.Add($"(\n{dialect.IsUnknownToHydra(range.Condition("hash"))})");
        }

        if (Sql is { } sql)
        {
            // In lines of its own: a comment at its end must not swallow the parenthesis.
            conditions.Add($"(\n{sql}\n)");
        }

        return conditions.Count == 0 ? "true" : string.Join(" AND ", conditions);
    }

    private static string PackageNameCondition(SqlDialect dialect, string pattern)
    {
        var exact = dialect.Match("package_name(pname)", pattern);

        // Cheap to compare, and by it whole row groups can be passed over.
        return !SqlWildcard.IsPattern(pattern) ? $"(starts_with(pname, {dialect.Value(pattern)}) AND {exact})" : exact;
    }

    private static void AddAny(List<string> conditions, IReadOnlyList<string> patterns, Func<string, string> condition)
    {
        if (patterns.Count > 0)
        {
            conditions.Add($"({string.Join(" OR ", patterns.Select(condition))})");
        }
    }

    private static void Add<T>(List<string> conditions, T? value, Func<T, string> condition)
        where T : struct
    {
        if (value is { } given)
        {
            conditions.Add(condition(given));
        }
    }
}
