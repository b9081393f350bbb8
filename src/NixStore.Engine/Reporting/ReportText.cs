using System.Globalization;
using System.Text;

namespace NixStore.Engine.Reporting;

/// <summary>
/// Makes text from a store fit to be shown. Names are anybody's choice: what a page cannot hold, what nobody sees and what turns the direction of
/// writing is written out, as <c>\x0a</c> or <c>\u{202e}</c>.
/// </summary>
internal static class ReportText
{
    private const int LongestText = 4096;

    /// <summary>The text as it can be shown.</summary>
    internal static string Show(string text)
    {
        if (text.Length > LongestText)
        {
            var end = char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText;
            return string.Create(CultureInfo.InvariantCulture, $"{Show(text[..end])}… ({text.Length - end:N0} more characters)");
        }

        return text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 ? text : WriteOut(text);
    }

    private static string WriteOut(string text)
    {
        var shown = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsHidden(rune))
            {
                shown.Append(rune.ToString());
            }
            else if (rune.Value < 0x100)
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
            }
            else
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            }
        }

        return shown.ToString();
    }

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
