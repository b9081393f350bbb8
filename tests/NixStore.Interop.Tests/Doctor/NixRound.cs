using NixStore.Interop.Tests.Collection;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Doctor;

/// <summary>
/// Everything that users of real Nix 2.34.8 do with a store, on a copy of it that is physically at /nix/store: verify, ask for roots, live and dead
/// paths and closures, build the lab's expression, collect. A quick round leaves out what takes long and seldom tells more.
/// </summary>
internal sealed class NixRound
{
    private const string Script = """
        cd /nix/store
        out=$0 nix=$1 expression=$2 thorough=$3; shift 3
        run() { local name=$1; shift; "$@" > "$out/$name.out" 2> "$out/$name.err"; echo $? > "$out/$name.code"; }
        run verify "$nix-store" --verify --check-contents
        run live "$nix-store" --gc --print-live
        if [ $thorough = yes ]; then
          run roots "$nix-store" --gc --print-roots
          run dead "$nix-store" --gc --print-dead
          mapfile -t roots < <(sed -n 's|.* -> \(/nix/store/.*\)|\1|p' "$out/roots.out" | sort -u)
        fi
        run closure "$nix-store" -qR "${roots[@]}" "$@"
        if [ $thorough = yes ]; then
          run build "$nix-build" --no-out-link "$expression" --argstr seed 0 --arg big 1 -A all
          run collect "$nix-store" --gc
        fi
        ls > "$out/left.out"
        """;

    private static readonly string[] s_quick = ["verify", "live", "closure"];
    private static readonly string[] s_thorough = [.. s_quick, "roots", "dead", "build", "collect"];
    private static readonly string[] s_progress = ["reading the Nix store...", "checking path existence...", "checking link hashes...", "checking store hashes..."];
    private readonly Dictionary<string, CommandResult> _results;

    private NixRound(Dictionary<string, CommandResult> results, IEnumerable<string> left) => (_results, Left) = (results, left.ToHashSet(StringComparer.Ordinal));

    /// <summary>Base names of the paths that are alive; null when Nix cannot tell.</summary>
    internal IReadOnlySet<string>? LivePaths => _results["live"].ExitCode != 0 ? null : Collecting.Names(_results["live"].Output).Where(name => StorePath.TryParse(name, out _)).ToHashSet(StringComparer.Ordinal);

    /// <summary>Full paths that roots point to.</summary>
    internal IReadOnlyList<string> RootTargets => [.. _results["roots"].Output.Split('\n').Where(line => line.Contains(" -> ", StringComparison.Ordinal))
        .Select(line => line[(line.LastIndexOf(" -> ", StringComparison.Ordinal) + 4)..]).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Full paths that those that were asked about, and all roots, need; null when Nix cannot tell.</summary>
    internal IReadOnlySet<string>? Closure => _results["closure"].ExitCode != 0 ? null : _results["closure"].Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);

    /// <summary>What the build gave; null when there was none, or none that went through.</summary>
    internal IReadOnlyList<string>? BuiltPaths => _results.GetValueOrDefault("build") is { ExitCode: 0 } build ? build.Output.Split('\n') : null;

    /// <summary>What is in the store directory in the end.</summary>
    internal IReadOnlySet<string> Left { get; }

    /// <summary>What failed, and what the verification has to say beside what it looks at.</summary>
    internal IReadOnlyList<string> Complaints =>
    [
        .. _results.Where(result => result.Value.ExitCode != 0).Select(result => $"Nix, {result.Key}: exit code {result.Value.ExitCode}: {Last(result.Value.Error)}"),
        .. _results["verify"].Error.Split('\n').Where(line => line.Length > 0 && !s_progress.Contains(line)).Select(line => $"Nix, verify: {line}"),
    ];

    /// <summary>Goes round.</summary>
    /// <param name="store">The store, which is not touched.</param>
    /// <param name="paths">Paths whose closures are asked for, beside those of the roots in a thorough round.</param>
    /// <param name="thorough">False for a quick round.</param>
    internal static NixRound Run(StoreUnderTest store, IEnumerable<string> paths, bool thorough)
    {
        using var directory = new TemporaryDirectory();
        using var copy = StoreUnderTest.CopyOf(store);
        var environment = PhysicalNix.Environment(copy.Root);

        // Other tests run programs of stores with the same paths at the same time.
        environment["IN_STORE_ALONE"] = "1";
        Command.Run(environment, $"{SourceTree.Interop}/in-store.sh",
            [copy.Root, "/bin/bash", "-c", Script, directory.Path, PhysicalNix.Program("nix234"), $"{SourceTree.Interop}/expr/lab.nix", thorough ? "yes" : "no", .. paths]);
        return new NixRound((thorough ? s_thorough : s_quick).ToDictionary(name => name, name => Read(directory, name)), File.ReadAllLines(directory["left.out"]));
    }

    private static CommandResult Read(TemporaryDirectory directory, string name) => new(
        int.Parse(File.ReadAllText(directory[$"{name}.code"])), File.ReadAllText(directory[$"{name}.out"]).TrimEnd('\n'), File.ReadAllText(directory[$"{name}.err"]).TrimEnd('\n'));

    private static string Last(string text) => text.Split('\n') is var lines && lines.LastOrDefault(line => line.StartsWith("error", StringComparison.Ordinal)) is { } error ? error : lines[^1];
}
