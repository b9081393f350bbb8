using System.Management.Automation;

namespace NixStore.PowerShell.Commands;

/// <summary>
/// What <c>-Path</c> and <c>-LiteralPath</c> name, matched against the store's own list: never against a file system, since a store can be
/// somewhere else than its paths say, and a damaged path may not be there at all.
/// </summary>
/// <remarks>
/// With a slash it is compared with full logical paths, without one with base names. A literal path may lie inside a store object; it means that
/// object. Case matters, as in Nix.
/// </remarks>
internal sealed class StorePathPattern
{
    private readonly WildcardPattern? _wildcard;
    private readonly bool _full;

    private StorePathPattern(string text, WildcardPattern? wildcard)
    {
        Text = text;
        _wildcard = wildcard;
        _full = text.Contains('/');
    }

    /// <summary>As given.</summary>
    public string Text { get; }

    /// <summary>True when it must be compared with every path; false when it names one.</summary>
    public bool IsWildcard => _wildcard is not null;

    /// <summary>What -Path says: a wildcard if it has any of <c>*?[</c>.</summary>
    public static StorePathPattern Parse(string text)
    {
        var trimmed = Trim(text);
        return WildcardPattern.ContainsWildcardCharacters(trimmed)
            ? new StorePathPattern(trimmed, WildcardPattern.Get(trimmed, WildcardOptions.CultureInvariant))
            : new StorePathPattern(WildcardPattern.Unescape(trimmed), null);
    }

    /// <summary>What -LiteralPath says: every character is itself.</summary>
    public static StorePathPattern Literal(string text) => new(Trim(text), null);

    /// <summary>The one object that a literal names.</summary>
    /// <exception cref="NixStoreException">InvalidStorePath, NotInStoreDirectory</exception>
    public StorePath ToStorePath(StoreDirectory directory)
    {
        if (!_full)
        {
            return StorePath.Parse(Text);
        }

        return directory.TryParsePrefix(Text, out var path, out _) ? path : directory.Parse(Text);
    }

    /// <summary>True when it covers the path with this base name.</summary>
    public bool IsMatch(StoreDirectory directory, string baseName)
    {
        var candidate = _full ? $"{directory.Path}/{baseName}" : baseName;
        return _wildcard?.IsMatch(candidate) ?? Text == candidate;
    }

    /// <summary>Completion leaves a slash behind directories.</summary>
    private static string Trim(string text) => text.Length > 1 ? text.TrimEnd('/') : text;
}
