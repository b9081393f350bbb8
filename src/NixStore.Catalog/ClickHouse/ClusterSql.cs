using System.Text.RegularExpressions;
using NixStore.Catalog.Sql;

namespace NixStore.Catalog.ClickHouse;

/// <summary>The SQL of <c>Sql/ClickHouse/</c>.</summary>
internal static partial class ClusterSql
{
    /// <summary>A text without its comments, in which names in braces would become lines of their own.</summary>
    /// <inheritdoc cref="SqlText.Of"/>
    internal static string Of(string name, params ReadOnlySpan<(string Name, string Text)> replacements)
    {
        var text = Comment().Replace(SqlText.Of("ClickHouse/" + name), "");
        foreach (var (placeholder, replacement) in replacements)
        {
            text = text.Replace($"{{{placeholder}}}", replacement, StringComparison.Ordinal);
        }

        return text;
    }

    [GeneratedRegex(@"^--.*\n", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
