using NixStore.Catalog.Querying;

namespace NixStore.Catalog.Roots;

/// <summary>Which roots are wanted; what several properties say must all hold, of a list one value is enough.</summary>
public sealed record RootFilter
{
    /// <summary>Kinds.</summary>
    public IReadOnlyList<BinaryCacheRootKind> Kinds { get; init; } = [];

    /// <summary>Wildcards for the origin; upper and lower case differ.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    /// <summary>Origins as they are; none of their characters stands for others.</summary>
    public IReadOnlyList<string> ExactOrigins { get; init; } = [];

    /// <summary>Hash parts.</summary>
    public IReadOnlyList<string> HashParts { get; init; } = [];

    /// <summary>Only those that have expired.</summary>
    public bool IsExpired { get; init; }

    /// <summary>The condition; the values are in the parameters that it numbers.</summary>
    internal string ToCondition(List<object?> parameters, string now)
    {
        var conditions = new List<string>();
        if (Kinds.Count > 0)
        {
            conditions.Add($"kind IN (SELECT unnest({SqlWildcard.Parameter(parameters, Kinds.Select(kind => kind.ToString()).ToList())}::VARCHAR[]))");
        }

        if (Origins.Count > 0)
        {
            conditions.Add($"({string.Join(" OR ", Origins.Select(origin => SqlWildcard.Match("origin", origin, parameters)))})");
        }

        if (ExactOrigins.Count > 0)
        {
            conditions.Add($"origin IN (SELECT unnest({SqlWildcard.Parameter(parameters, ExactOrigins)}::VARCHAR[]))");
        }

        if (HashParts.Count > 0)
        {
            conditions.Add($"hash IN (SELECT unnest({SqlWildcard.Parameter(parameters, HashParts)}::VARCHAR[]))");
        }

        if (IsExpired)
        {
            conditions.Add($"expires_at <= {now}");
        }

        return conditions.Count == 0 ? "true" : string.Join(" AND ", conditions);
    }
}
