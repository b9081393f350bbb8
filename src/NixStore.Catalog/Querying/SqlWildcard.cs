using System.Text;
using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.Querying;

/// <summary>PowerShell's wildcards (<c>*</c>, <c>?</c>, <c>[a-c]</c>, a backtick before what stands for itself) as conditions of SQL; upper and lower case differ.</summary>
internal static class SqlWildcard
{
    /// <summary>The condition that an expression is like a pattern.</summary>
    /// <param name="expression">SQL of a text.</param>
    /// <param name="pattern">Wildcards.</param>
    /// <param name="parameters">Gets the value that the condition numbers.</param>
    internal static string Match(string expression, string pattern, List<object?> parameters) => Match(expression, pattern, value => Parameter(parameters, value));

    /// <summary>The same with the pattern as a literal, for statements that take no parameters.</summary>
    internal static string Match(string expression, string pattern) => Match(expression, pattern, DuckSession.Quote);

    /// <summary>The condition that an expression is like one of some patterns, as literals; false for none.</summary>
    internal static string MatchAny(string expression, IEnumerable<string> patterns)
        => string.Join(" OR ", patterns.Select(pattern => Match(expression, pattern))) is { Length: > 0 } condition ? $"({condition})" : "false";

    /// <summary>True when a text stands for more than itself.</summary>
    internal static bool IsPattern(string text) => text.IndexOfAny(['*', '?', '[', '`']) >= 0;

    /// <summary>A value as a parameter that SQL can name.</summary>
    internal static string Parameter(List<object?> parameters, object value)
    {
        parameters.Add(value);
        return $"${parameters.Count}";
    }

    private static string Match(string expression, string pattern, Func<string, string> value)
        => !IsPattern(pattern) ? $"{expression} = {value(pattern)}"
            : pattern.IndexOfAny(['[', '`']) < 0 ? $"{expression} LIKE {value(ToLike(pattern))} ESCAPE '\\'"
            : $"{expression} GLOB {value(ToGlob(pattern))}";

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

    /// <summary>The same as the engine's GLOB, whose escape is a bracket where PowerShell's is a backtick.</summary>
    internal static string ToGlob(string pattern)
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
}
