using System.Globalization;
using System.Text;

namespace NixStore.Engine.Generations;

/// <summary>
/// Names of generations, <c>PROFILE-NUMBER-link</c> (Nix libstore/profiles.cc:parseName). Stricter than Nix where it would act on another
/// name than the one it read: nothing follows <c>-link</c>, and the number is written as Nix writes it.
/// </summary>
internal static class GenerationName
{
    private const string Suffix = "-link";
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The name of a generation.</summary>
    internal static string Of(string profile, long number) => string.Create(CultureInfo.InvariantCulture, $"{profile}-{number}{Suffix}");

    /// <summary>Takes a name apart; false when it is none of a generation.</summary>
    internal static bool TryParse(string name, out string profile, out long number)
    {
        (profile, number) = ("", 0);
        if (!name.EndsWith(Suffix, StringComparison.Ordinal))
        {
            return false;
        }

        var stem = name[..^Suffix.Length];
        var dash = stem.LastIndexOf('-');
        if (dash <= 0 || !long.TryParse(stem.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            return false;
        }

        profile = stem[..dash];
        return name == Of(profile, number);
    }

    /// <summary>As the other overload for a name of bytes, with or without NUL; names that are no UTF-8 are none that anybody could ask for.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> name, out string profile, out long number)
    {
        (profile, number) = ("", 0);
        return TryDecode(name, out var text) && TryParse(text, out profile, out number);
    }

    /// <summary>The text of bytes that are UTF-8.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, out string text)
    {
        try
        {
            text = s_strict.GetString(Native.ByteName.Trim(bytes));
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }
}
