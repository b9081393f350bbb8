using System.Text.RegularExpressions;
using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Liveness;
using NixStore.Engine.Roots;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Liveness;

/// <summary>Which roots keep a path, and by which references paths depend on each other, is what real Nix says.</summary>
public sealed partial class TraceTests
{
    [SkippableTheory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [Trait("Category", "Soak")]
    public void With_other_settings_they_are_too(bool keepDerivations, bool keepOutputs)
        => The_roots_of_every_path_are_those_of_nix_store_query_roots(keepDerivations, keepOutputs);

    [SkippableTheory]
    [InlineData(true, false)]
    public void The_roots_of_every_path_are_those_of_nix_store_query_roots(bool keepDerivations, bool keepOutputs)
    {
        using var store = new StoreUnderTest(optimised: false);
        using var nixs = StoreUnderTest.CopyOf(store);
        using var database = StoreDatabase.OpenForReading(store.Location);
        var graph = StoreGraph.Load(database, CancellationToken.None);
        var roots = new RootScanner(store.Location, path => graph.Find(path) >= 0).FindAll(CancellationToken.None);
        var tracer = new PathTracer(graph, roots, new LivenessSettings(keepDerivations, keepOutputs), new OwnProcesses([]));

        var alive = 0;
        var expected = QueryRoots(nixs.Root, Enumerable.Range(0, graph.Count).Select(graph.PathOf), keepDerivations, keepOutputs);
        for (var node = 0; node < graph.Count; node++)
        {
            var traces = tracer.Trace(node, int.MaxValue, CancellationToken.None).Where(trace => trace.Root?.Kind == StoreRootKind.Permanent).ToList();
            Assert.Equal(expected[graph.PathOf(node)], traces.Select(trace => trace.Root!.Path!).ToHashSet());
            alive += traces.Count > 0 ? 1 : 0;
        }

        Assert.InRange(alive, 10, graph.Count - 1);
    }

    [SkippableFact]
    public void Dependencies_and_the_length_of_their_chains_are_those_of_why_depends()
    {
        using var store = new StoreUnderTest(optimised: false);
        using var database = StoreDatabase.OpenForReading(store.Location);
        var graph = StoreGraph.Load(database, CancellationToken.None);
        var found = 0;
        foreach (var end in Enumerable.Range(0, graph.Count).Where(node => graph.Referrers[node].Length > 0).Take(8))
        {
            var tracer = new DependencyTracer(graph, end, CancellationToken.None);
            foreach (var start in Enumerable.Range(0, graph.Count).Where(node => node > end && !graph.IsDerivation(node)).TakeLast(6))
            {
                var result = PhysicalNix.Run(
                    store.Root, "nix234", "why-depends", "--extra-experimental-features", "nix-command", graph.PathOf(start), graph.PathOf(end));
                if ($"{result.Output}{result.Error}".Contains("does not depend on", StringComparison.Ordinal))
                {
                    Assert.Throws<DoesNotDependException>(() => tracer.Trace(start));
                    continue;
                }

                // The first chain of Nix's tree goes down, one path a line.
                var lines = StorePathText().Matches(result.Output).Select(match => match.Value).ToList();
                var chain = tracer.Trace(start).First().Chain;
                Assert.Equal([graph.PathOf(start), graph.PathOf(end)], [lines[0], lines[^1]]);
                Assert.Equal(lines.Count, chain.Count);
                Assert.All(chain.Zip(chain.Skip(1)), step => Assert.Contains(step.Second, database.Find(step.First)!.References));
                found++;
            }
        }

        Assert.True(found > 0);
    }

    private static Dictionary<string, HashSet<string>> QueryRoots(string root, IEnumerable<string> paths, bool keepDerivations, bool keepOutputs)
    {
        const string script = "program=$0; derivations=$1; outputs=$2; shift 2; for path; do echo \"? $path\"; "
            + "\"$program\" --option keep-derivations $derivations --option keep-outputs $outputs --query --roots \"$path\"; done";
        var result = Command.Try(PhysicalNix.Environment(root), $"{SourceTree.Interop}/in-store.sh",
            [root, "bash", "-c", script, PhysicalNix.Program("nix234-store"), keepDerivations ? "true" : "false", keepOutputs ? "true" : "false", .. paths]);
        Assert.Equal(0, result.ExitCode);
        var roots = new Dictionary<string, HashSet<string>>();
        HashSet<string> current = [];
        foreach (var line in result.Output.Split('\n'))
        {
            if (line.StartsWith("? ", StringComparison.Ordinal))
            {
                roots[line[2..]] = current = [];
            }
            else if (line.Split(" -> ") is [var link, var target] && !link.StartsWith("/proc/", StringComparison.Ordinal))
            {
                current.Add(target);
            }
        }

        return roots;
    }

    [GeneratedRegex("/nix/store/[0-9a-z]{32}-[0-9a-zA-Z+._?=-]+")]
    private static partial Regex StorePathText();
}
