using System.Buffers;
using System.Text.RegularExpressions;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay;

/// <summary>
/// Nix's own check of the mount of an overlay store, as it is: the last line of /proc/self/mounts that matches a pattern into which the
/// directories are put without escaping must have <c>lowerdir=</c> and <c>upperdir=</c> by their exact names
/// (Nix libstore/local-overlay-store.cc:LocalOverlayStore::LocalOverlayStore).
/// </summary>
/// <param name="Line">The line that Nix looks at; null when it finds none.</param>
/// <param name="HasLower">Whether the line has the lower store's real directory.</param>
/// <param name="HasUpper">Whether the line has the upper layer.</param>
internal sealed record MountCheck(string? Line, bool HasLower, bool HasUpper)
{
    // What means something else in a regular expression, and what the kernel writes otherwise in its table than it was given. A dot matches itself too.
    private static readonly SearchValues<char> s_unmatchable = SearchValues.Create("\\^$*+?()[]{}|,: \t\n");

    /// <summary>Whether Nix opens the store with <c>check-mount=true</c>.</summary>
    internal bool Passes => HasLower && HasUpper;

    /// <summary>Where a name has a character for which the check cannot match it, though it be the right one; less than zero when it has none.</summary>
    internal static int FindUnmatchable(string path) => path.AsSpan().IndexOfAny(s_unmatchable);

    /// <summary>Applies the rule to a text of mounts.</summary>
    internal static MountCheck Apply(StoreLocation store, string mounts)
    {
        var overlay = store.Overlay!;
        string? line = null;
        foreach (Match match in Pattern($@"(^|\n)overlay {store.RealDirectory} .*(\n|$)").Matches(mounts))
        {
            line = match.Value;
        }

        return line is null ? new MountCheck(null, false, false) : new MountCheck(line.Trim('\n'),
            Pattern($@"\blowerdir={overlay.Lower.RealDirectory}( |,)").IsMatch(line),
            Pattern($@"\bupperdir={overlay.UpperLayer}( |,)").IsMatch(line));
    }

    /// <summary>What ECMAScript refuses as a pattern, Nix cannot open; what it takes for a pattern, we take for the same.</summary>
    private static Regex Pattern(string text)
    {
        try
        {
            return new Regex(text, RegexOptions.ECMAScript);
        }
        catch (RegexParseException)
        {
            return new Regex("(?!)");
        }
    }
}
