using System.Globalization;
using System.Text;

namespace NixStore.Catalog.Roots;

/// <summary>Errors of roots. What comes from outside is shown so that it cannot do anything to a terminal.</summary>
internal static class RootErrors
{
    private const int ShownLength = 100;

    /// <summary>RootListCorrupt: a line of a file is not what it must be.</summary>
    internal static NixStoreException Line(string source, long number, string line, string reason, Exception? inner = null) => new(
        "RootListCorrupt", StoreErrorKind.InvalidData,
        string.Create(CultureInfo.InvariantCulture, $"Line {number} of '{source}' is wrong: {reason} ('{Show(line)}')."),
        source, "Nothing of it was added. Check that it is the right file, and fetch it anew.", inner);

    /// <summary>RootListCorrupt: a file as a whole.</summary>
    internal static NixStoreException Whole(string source, string reason) => new(
        "RootListCorrupt", StoreErrorKind.InvalidData, $"'{source}' is wrong: {reason}.", source, "Nothing of it was added. Check that it is the right file, and fetch it anew.");

    /// <summary>RootListEmpty: what would be replaced by nothing stays.</summary>
    internal static NixStoreException Empty(string source) => new(
        "RootListEmpty", StoreErrorKind.NotFound, $"'{source}' names no store path; what the catalog has of it stays.", source,
        "Check that it is the right one. Remove-BinaryCacheRoot removes roots.");

    /// <summary>CatalogHasNoRoots</summary>
    internal static NixStoreException None(string catalog, string reason) => new(
        "CatalogHasNoRoots", StoreErrorKind.NotFound, $"The catalog '{catalog}' {reason}: everything would be unreachable.", catalog,
        "Say by Add-BinaryCacheRoot what is to stay; Get-BinaryCacheRoot -Summary shows what there is.");

    /// <summary>A text without what a terminal would obey, and not too long.</summary>
    internal static string Show(string text)
    {
        var shown = new StringBuilder();
        foreach (var character in text.Length > ShownLength ? text[..ShownLength] + "…" : text)
        {
            shown.Append(char.IsControl(character) || (character is > '~' and <= 'ÿ')
                ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}") : character.ToString());
        }

        return shown.ToString();
    }
}
