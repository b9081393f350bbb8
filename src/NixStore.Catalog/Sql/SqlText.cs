using System.Collections.Concurrent;

namespace NixStore.Catalog.Sql;

/// <summary>The SQL of this assembly, which is kept apart from its code so that a second engine can come.</summary>
internal static class SqlText
{
    private static readonly ConcurrentDictionary<string, string> s_texts = new(StringComparer.Ordinal);

    /// <summary>The text of a file of <c>Sql/</c>, such as <c>Tables/narinfos</c>.</summary>
    /// <param name="name">Its name without the extension.</param>
    /// <param name="replacements">Names in braces and what takes their place: identifiers, file lists and conditions, never a user's value.</param>
    internal static string Of(string name, params ReadOnlySpan<(string Name, string Text)> replacements)
    {
        var text = s_texts.GetOrAdd(name, Read);
        foreach (var (placeholder, replacement) in replacements)
        {
            text = text.Replace($"{{{placeholder}}}", replacement, StringComparison.Ordinal);
        }

        return text;
    }

    private static string Read(string name)
    {
        using var stream = typeof(SqlText).Assembly.GetManifestResourceStream(name + ".sql")
            ?? throw new ArgumentException($"There is no SQL named '{name}'.", nameof(name));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
