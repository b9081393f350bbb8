using System.Buffers;

namespace NixStore.Engine.Maintenance;

/// <summary>Words of systemd's command lines and lists of paths (systemd.syntax(7) "Quoting", systemd.service(5) "Command lines").</summary>
internal static class SystemdWord
{
    private static readonly SearchValues<char> s_plain
        = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.,:+=@-");

    /// <summary>
    /// A command line. Variables are replaced in arguments and not in the program's path, so that only in the former a dollar sign is doubled.
    /// </summary>
    internal static string CommandLine(IReadOnlyList<string> words)
        => string.Join(' ', words.Select((word, number) => number == 0 ? Quote(word) : Quote(word.Replace("$", "$$", StringComparison.Ordinal))));

    /// <summary>One word, with specifiers (<c>%n</c>) made text.</summary>
    internal static string Quote(string word)
    {
        var text = EscapeSpecifiers(word);
        return text.Length > 0 && !text.AsSpan().ContainsAnyExcept(s_plain) ? text : QuotedText.Write(text);
    }

    /// <summary>Text of a setting that is no list of words.</summary>
    internal static string EscapeSpecifiers(string text) => text.Replace("%", "%%", StringComparison.Ordinal);
}
