using System.Globalization;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Sql;

namespace NixStore.Catalog.Querying;

/// <summary>The SQL of the embedded engine.</summary>
/// <param name="parameters">Gets the values, which the SQL then numbers; null = they become literals, for statements that take no parameters.</param>
internal sealed class DuckDialect(List<object?>? parameters) : SqlDialect
{
    /// <inheritdoc/>
    internal override string Value(object value)
    {
        if (parameters is not null)
        {
            return SqlWildcard.Parameter(parameters, value);
        }

        return value switch
        {
            string text => DuckSession.Quote(text),
            DateTimeOffset time => RootSet.Literal(time),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }

    /// <inheritdoc/>
    internal override string Match(string expression, string pattern)
        => parameters is null ? SqlWildcard.Match(expression, pattern) : SqlWildcard.Match(expression, pattern, parameters);

    /// <inheritdoc/>
    internal override string IsAnyOf(string expression, IReadOnlyList<string> texts)
        => parameters is null ? $"{expression} IN ({string.Join(", ", texts.Select(DuckSession.Quote))})" : $"{expression} IN (SELECT unnest({Value(texts)}::VARCHAR[]))";

    /// <inheritdoc/>
    internal override string IsUnknownToHydra(string range) => SqlText.Of("unknown-to-hydra", ("range", range));

    /// <inheritdoc/>
    internal override string IsGivenPath(string expression) => $"{expression} IN (SELECT hash FROM given_paths)";

    /// <inheritdoc/>
    internal override string IsYoungNar(string expression) => $"{expression} IN (SELECT key FROM young_nars)";
}
