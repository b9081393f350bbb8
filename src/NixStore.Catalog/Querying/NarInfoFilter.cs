using System.Text;

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

    /// <summary>A condition of SQL over the columns of <c>narinfos</c>.</summary>
    public string? Sql { get; init; }

    /// <summary>The condition; the values are in the parameters that it numbers.</summary>
    internal string ToCondition(List<object?> parameters)
    {
        var conditions = new List<string>();
        AddAny(conditions, Names, pattern => Match("pname", pattern, parameters));
        AddAny(conditions, PackageNames, pattern => PackageNameCondition(pattern, parameters));
        AddAny(conditions, Versions, pattern => Match("package_version(pname)", pattern, parameters));
        AddAny(conditions, Systems, pattern => Match("system", pattern, parameters));
        if (HashParts.Count > 0)
        {
            conditions.Add($"hash IN (SELECT unnest({Parameter(parameters, HashParts)}::VARCHAR[]))");
        }

        const string size = "coalesce(file_size, nar_size)";
        Add(conditions, MinimumSize, value => $"{size} >= {Parameter(parameters, value)}");
        Add(conditions, MaximumSize, value => $"{size} <= {Parameter(parameters, value)}");
        Add(conditions, Before, value => $"last_modified_at < {Parameter(parameters, value)}");
        Add(conditions, After, value => $"last_modified_at >= {Parameter(parameters, value)}");
        if (FixedOutput)
        {
            conditions.Add("starts_with(ca, 'fixed:')");
        }

        if (Sql is { } sql)
        {
            // In lines of its own: a comment at its end must not swallow the parenthesis.
            conditions.Add($"(\n{sql}\n)");
        }

        return conditions.Count == 0 ? "true" : string.Join(" AND ", conditions);
    }

    private static string PackageNameCondition(string pattern, List<object?> parameters)
    {
        var exact = Match("package_name(pname)", pattern, parameters);

        // Cheap to compare, and by it whole row groups can be passed over.
        return pattern.IndexOfAny(['*', '?', '[', '`']) < 0 ? $"(starts_with(pname, {Parameter(parameters, pattern)}) AND {exact})" : exact;
    }

    private static string Match(string expression, string pattern, List<object?> parameters)
        => pattern.IndexOfAny(['*', '?', '[', '`']) < 0 ? $"{expression} = {Parameter(parameters, pattern)}"
            : pattern.IndexOfAny(['[', '`']) < 0 ? $"{expression} LIKE {Parameter(parameters, ToLike(pattern))} ESCAPE '\\'"
            : $"{expression} GLOB {Parameter(parameters, ToGlob(pattern))}";

    private static string ToLike(string pattern)
    {
        var text = new StringBuilder(pattern.Length + 4);
        foreach (var character in pattern)
        {
            text.Append(character switch
            {
                '*' => "%",
                '?' => "_",
                '%' or '_' or '\\' => "\\" + character,
                _ => character.ToString(),
            });
        }

        return text.ToString();
    }

    // PowerShell's escape is a backtick, that of the engine's GLOB a bracket.
    private static string ToGlob(string pattern)
    {
        var text = new StringBuilder(pattern.Length + 4);
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '`' && i + 1 < pattern.Length)
            {
                text.Append('[').Append(pattern[++i]).Append(']');
            }
            else
            {
                text.Append(pattern[i] == '\\' ? "\\\\" : pattern[i].ToString());
            }
        }

        return text.ToString();
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

    private static string Parameter(List<object?> parameters, object value)
    {
        parameters.Add(value);
        return $"${parameters.Count}";
    }
}
