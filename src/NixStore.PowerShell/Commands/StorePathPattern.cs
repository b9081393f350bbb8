using System.Management.Automation;
using NixStore.Engine.Stores;

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

    /// <summary>As given; for a literal, what <see cref="StorePathResolver"/> is to resolve.</summary>
    public string Text { get; }

    /// <summary>True when it must be compared with every path; false when it names one.</summary>
    public bool IsWildcard => _wildcard is not null;

    /// <summary>What -Path says: a wildcard if it has any of <c>*?[</c>.</summary>
    public static StorePathPattern Parse(string text, StoreLocation store)
    {
        var trimmed = StorePathResolver.ToLogical(store, Trim(text));
        return WildcardPattern.ContainsWildcardCharacters(trimmed)
            ? new StorePathPattern(trimmed, WildcardPattern.Get(trimmed, WildcardOptions.CultureInvariant))
            : new StorePathPattern(WildcardPattern.Unescape(trimmed), null);
    }

    /// <summary>What -LiteralPath says: every character is itself.</summary>
    public static StorePathPattern Literal(string text) => new(Trim(text), null);

    /// <summary>True when it covers a full logical path.</summary>
    public bool IsMatch(string path) => _wildcard is not null && _wildcard.IsMatch(_full ? path : path[(path.LastIndexOf('/') + 1)..]);

    /// <summary>Completion leaves a slash behind directories.</summary>
    private static string Trim(string text) => text.Length > 1 ? text.TrimEnd('/') : text;
}
