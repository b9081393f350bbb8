using System.Text.RegularExpressions;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Kills;

/// <summary>One run of a program under strace: every call that can change a file, in order.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="Calls">The calls.</param>
internal sealed partial record TracedRun(CommandResult Result, IReadOnlyList<SystemCall> Calls)
{
    private const string ChangingCalls =
        "open,openat,write,pwrite64,pwritev,writev,sendfile,copy_file_range,ftruncate,fallocate,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,"
        + "unlink,unlinkat,rmdir,symlink,symlinkat,chmod,fchmod,fchmodat,fchmodat2,chown,fchown,lchown,fchownat,utimensat,fsetxattr,fremovexattr,"
        + "lremovexattr,ioctl,fsync,fdatasync,syncfs,mount";

    /// <summary>True when it was killed.</summary>
    internal bool WasKilled => Result.ExitCode == 128 + 9;

    /// <summary>The calls that change something below a directory.</summary>
    internal IEnumerable<SystemCall> ChangesBelow(string root) => Calls.Where(call => call.Changes && call.Arguments.Contains(root, StringComparison.Ordinal));

    /// <summary>Runs a command line.</summary>
    /// <param name="commandLine">The command line.</param>
    /// <param name="isAlone">True where it shall not see the machine's other processes: see <see cref="RescueProgram.Alone"/>.</param>
    internal static TracedRun Run(string[] commandLine, bool isAlone = false) => Run(commandLine, ["-f"], ["--seccomp-bpf"], isAlone);

    /// <summary>
    /// Runs a command line, and kills it when it enters a call of its first thread. Strace counts for each thread by itself: of the others,
    /// one could come to that number earlier, so that it must not look at them.
    /// </summary>
    internal static TracedRun Run(string[] commandLine, SystemCall kill, bool isAlone = false)
    {
        Assert.True(kill.Thread == SystemCall.FirstThread, $"Thread {kill.Thread} changes something, but only the first one can be killed exactly: {kill}");
        return Run(commandLine, [], ["-e", $"inject={kill.Name}:signal=KILL:when={kill.Ordinal}"], isAlone);
    }

    /// <summary>As the other, but counts only the calls that concern one file: for a call whose place among all is not always the same.</summary>
    internal static TracedRun Run(string[] commandLine, SystemCall kill, string file)
        => Run(commandLine, [], ["-P", file, "-e", $"inject={kill.Name}:signal=KILL:when={kill.Ordinal}"], isAlone: false);

    /// <summary>Runs a command line with a fault injected, as strace's `-e inject=` describes it.</summary>
    internal static TracedRun RunInjecting(string[] commandLine, string fault) => Run(commandLine, ["-f"], ["-e", $"inject={fault}"], isAlone: false);

    /// <remarks>Stopping only at the traced calls (seccomp) is much faster, but then strace 6.1 forgets to send signals.</remarks>
    private static TracedRun Run(string[] commandLine, string[] whom, string[] how, bool isAlone)
    {
        Skip.IfNot(Command.Exists("strace"), "TOOLS MISSING: strace");
        using var directory = new TemporaryDirectory();
        var log = directory["trace"];

        // A question mark lets strace go without a call that it or this architecture does not have.
        var calls = string.Join(',', ChangingCalls.Split(',').Select(call => "?" + call));
        string[] traced = ["strace", .. whom, "-qq", "-y", "-s", "64", "-o", log, "-e", $"trace={calls}", .. how, .. commandLine];
        var result = RescueProgram.Run(isAlone ? RescueProgram.Alone(traced) : traced);
        Assert.True(File.Exists(log), result.Error);
        return new TracedRun(result, Parse(File.ReadAllLines(log)));
    }

    private static List<SystemCall> Parse(string[] lines)
    {
        var calls = new List<SystemCall>();
        var counts = new Dictionary<(int, string), int>();
        var unfinished = new Dictionary<int, int>();
        var threads = new Dictionary<string, int>();
        foreach (var line in lines)
        {
            if (Resumed().Match(line) is { Success: true } resumed)
            {
                var index = unfinished[Thread(resumed)];
                calls[index] = Complete(calls[index], calls[index].Arguments + resumed.Groups["rest"].Value);
            }
            else if (Started().Match(line) is { Success: true } started)
            {
                var key = (Thread(started), started.Groups["name"].Value);
                counts[key] = counts.GetValueOrDefault(key) + 1;
                var rest = started.Groups["rest"].Value;
                var call = new SystemCall(key.Item1, key.Item2, counts[key], rest, "?");
                if (rest.EndsWith(" <unfinished ...>", StringComparison.Ordinal))
                {
                    unfinished[key.Item1] = calls.Count;
                    calls.Add(call with { Arguments = rest[..^" <unfinished ...>".Length] });
                }
                else
                {
                    calls.Add(Complete(call, rest));
                }
            }
        }

        return calls;

        int Thread(Match match)
        {
            var name = match.Groups["thread"].Value;
            threads.TryAdd(name, threads.Count);
            return threads[name];
        }
    }

    private static SystemCall Complete(SystemCall call, string rest)
    {
        var end = rest.LastIndexOf(" = ", StringComparison.Ordinal);
        return end < 0 ? call with { Arguments = rest } : call with { Arguments = rest[..end].TrimEnd().TrimEnd(')'), Result = rest[(end + 3)..] };
    }

    [GeneratedRegex(@"^(?<thread>\d* *)(?<name>\w+)\((?<rest>.*)$")]
    private static partial Regex Started();

    [GeneratedRegex(@"^(?<thread>\d* *)<\.\.\. \w+ resumed>(?<rest>.*)$")]
    private static partial Regex Resumed();
}
