using System.Buffers;

namespace NixStore.Engine.Maintenance;

/// <summary>Words of a POSIX shell's command line in a table of cron.</summary>
internal static class ShellWord
{
    private static readonly SearchValues<char> s_plain
        = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.,:+=@-");

    /// <summary>
    /// Quotes a word, without a backslash: cron takes <c>\%</c> for a percent sign, and the crons differ in what they make of other backslashes.
    /// </summary>
    internal static string Quote(string word)
        => word.Length > 0 && !word.AsSpan().ContainsAnyExcept(s_plain) ? word : $"'{word.Replace("'", "'\"'\"'", StringComparison.Ordinal)}'";
}
