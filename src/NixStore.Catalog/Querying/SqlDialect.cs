namespace NixStore.Catalog.Querying;

/// <summary>What the SQL of the two engines says differently, as far as conditions are put together in code. Functions have the same names in both: Sql/macros.sql.</summary>
internal abstract class SqlDialect
{
    /// <summary>A text, number or moment.</summary>
    internal abstract string Value(object value);

    /// <summary>The condition that an expression is like a pattern of PowerShell's wildcards; upper and lower case differ.</summary>
    internal abstract string Match(string expression, string pattern);

    /// <summary>The condition that an expression is one of some texts.</summary>
    internal abstract string IsAnyOf(string expression, IReadOnlyList<string> texts);

    /// <summary>The condition over narinfos that Hydra does not know one.</summary>
    /// <param name="range">The condition for the hashes that are looked at.</param>
    internal abstract string IsUnknownToHydra(string range);

    /// <summary>The condition that a hash is one of the table <c>given_paths</c>.</summary>
    internal abstract string IsGivenPath(string expression);

    /// <summary>The condition that an address is one of the table <c>young_nars</c>.</summary>
    internal abstract string IsYoungNar(string expression);

    /// <summary>The condition that an expression is like one of some patterns; false for none.</summary>
    internal string MatchAny(string expression, IEnumerable<string> patterns)
        => string.Join(" OR ", patterns.Select(pattern => Match(expression, pattern))) is { Length: > 0 } condition ? $"({condition})" : "false";
}
