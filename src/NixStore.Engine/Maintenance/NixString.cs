namespace NixStore.Engine.Maintenance;

/// <summary>Strings and other values of the Nix language.</summary>
internal static class NixString
{
    /// <summary>A string in double quotes; a backslash takes the meaning of what follows it.</summary>
    internal static string Quote(string text)
        => QuotedText.Write(text).Replace("$", "\\$", StringComparison.Ordinal);

    /// <summary>A value of a unit's setting: numbers, true and false as such, anything else as a string.</summary>
    internal static string Value(string text)
        => text is "true" or "false" || (text.Length is > 0 and < 10 && text.All(char.IsAsciiDigit)) ? text : Quote(text);
}
