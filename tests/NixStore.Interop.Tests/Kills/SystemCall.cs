using System.Text.RegularExpressions;

namespace NixStore.Interop.Tests.Kills;

/// <summary>A system call as strace saw it.</summary>
/// <param name="Thread">Who called: threads are numbered as they appear, see <see cref="FirstThread"/>.</param>
/// <param name="Name">Which call.</param>
/// <param name="Ordinal">The how manieth of this name of this thread, from 1: what strace counts as well.</param>
/// <param name="Arguments">Arguments, with descriptors as paths.</param>
/// <param name="Result">What came back; "?" when the thread was killed in it.</param>
internal sealed partial record SystemCall(int Thread, string Name, int Ordinal, string Arguments, string Result)
{
    /// <summary>The thread that the program began with.</summary>
    internal const int FirstThread = 0;

    /// <summary>True when it can change files; a file is only opened for that when it is made.</summary>
    internal bool Changes => Name is not ("openat" or "open") || Arguments.Contains("O_CREAT", StringComparison.Ordinal);

    /// <summary>The path of the open file that the call is about; null for a call about a name.</summary>
    internal string? OpenFile => OpenFilePattern().Match(Arguments) is { Success: true } match ? match.Groups["path"].Value : null;

    /// <summary>The call without what differs from run to run: numbers of descriptors and processes, names of staging directories.</summary>
    internal string Describe(params string[] roots)
    {
        var text = roots.Aggregate($"{Name}({Arguments})", (text, root) => text.Replace(root, "", StringComparison.Ordinal));
        text = Random().Replace(text, "$1N");
        return Buffers().Replace(text, "…");
    }

    [GeneratedRegex(@"^\d+<(?<path>/[^>]+)>(\(deleted\))?,")]
    private static partial Regex OpenFilePattern();

    [GeneratedRegex(@"(tmp-|temproots/|(?<=[(, ])(?=\d+<))[0-9]+(-[0-9a-f]+)?")]
    private static partial Regex Random();

    [GeneratedRegex("(?<=>, )\"(\\\\.|[^\"\\\\])*\"\\.*, [0-9]+")]
    private static partial Regex Buffers();
}
