using System.Text;

namespace NixStore.Engine.Maintenance;

/// <summary>Keeps what would end a line out of files that are made of lines.</summary>
internal static class PlainText
{
    /// <summary>Raises an error for text with control characters, or with what is no Unicode.</summary>
    /// <param name="text">The text; null is fine.</param>
    /// <param name="what">What it is, for the message: <c>The schedule</c>.</param>
    /// <param name="errorId">The error's id.</param>
    /// <exception cref="NixStoreException">As <paramref name="errorId"/> says.</exception>
    internal static void Require(string? text, string what, string errorId = "MaintenanceInvalid")
    {
        if (text is not null && !IsPlain(text))
        {
            throw new NixStoreException(errorId, StoreErrorKind.InvalidArgument, $"{what} '{Show(text)}' has characters that cannot be in it.", text,
                "Line feeds and other control characters cannot be written into the files of a scheduled task.");
        }
    }

    /// <summary>The text with a <c>?</c> for each such character.</summary>
    internal static string Show(string text) => string.Concat(text.EnumerateRunes().Select(rune => IsPlain(rune) ? rune.ToString() : "?"));

    // What is no Unicode becomes U+FFFD when it is enumerated.
    private static bool IsPlain(string text) => text.EnumerateRunes().All(IsPlain);

    private static bool IsPlain(Rune rune) => !Rune.IsControl(rune) && rune != Rune.ReplacementChar && rune.Value is not (0x2028 or 0x2029);
}
