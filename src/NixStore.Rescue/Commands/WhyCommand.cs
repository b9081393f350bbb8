using System.CommandLine;
using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Liveness;
using NixStore.Engine.Roots;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary><c>nixstore why</c>: why paths are alive or dead; by which references a path depends on another.</summary>
internal sealed class WhyCommand : StoreCommand
{
    private const int DefaultRoots = 10;
    private const int DefaultChains = 1;

    private readonly Argument<string[]> _paths = CommonArguments.Paths("Which paths.", ArgumentArity.OneOrMore);
    private readonly Option<int?> _first = CommonArguments.Count("--first", "How many chains of each path. Default: those of the 10 nearest roots; with --depends-on one.");
    private readonly Option<bool> _all = new("--all") { Description = "All chains: one for each root; with --depends-on all that are as short as the shortest." };
    private readonly Option<bool> _dead = new("--dead") { Description = "Only those paths that are dead." };
    private readonly Option<string?> _dependsOn = new("--depends-on") { Description = "Ask instead by which references the paths depend on this one." };
    private readonly LivenessOptions _liveness = new();

    /// <summary>Makes the command.</summary>
    public WhyCommand() : base("why", "Says why paths are alive: which roots keep them, by which chain; or why they are dead.",
        ("nixstore why /nix/store/…-openssl-3.0.14", "Which roots keep it, by which references, and what removing each would free."),
        ("nixstore why --depends-on /nix/store/…-openssl-3.0.14 /run/current-system", "By which references the system depends on it."))
    {
        Arguments.Add(_paths);
        foreach (var option in (Option[])[_first, _all, _dead, _dependsOn, _liveness.KeepOutputs, _liveness.KeepDerivations])
        {
            Options.Add(option);
        }

        CommonArguments.Exclude(this, _first, _all);
        foreach (var option in (Option[])[_dead, _liveness.KeepOutputs, _liveness.KeepDerivations])
        {
            CommonArguments.Exclude(this, _dependsOn, option);
        }
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        using var database = StoreDatabase.OpenForReading(store);
        var graph = StoreGraph.Load(database, cancellation);
        CommonWarnings.OfGraph(graph, report);
        var limit = parsed.GetValue(_all) ? int.MaxValue : parsed.GetValue(_first);
        Action<StorePathInfo> explain = parsed.GetValue(_dependsOn) is { } dependency
            ? ExplainDependency(graph, new PathLookup(database).Find(Selection.Absolute(dependency)).Id, limit ?? DefaultChains, report, cancellation)
            : ExplainLife(parsed, graph, limit ?? DefaultRoots, report, cancellation);
        var code = ExitCodes.Success;
        foreach (var name in parsed.GetRequiredValue(_paths))
        {
            try
            {
                explain(new PathLookup(database).Describe(Selection.Absolute(name), includeUnregistered: parsed.GetValue(_dependsOn) is null));
            }
            catch (NixStoreException error)
            {
                report.WriteError(error);
                code = ExitCodes.Of(error.Kind);
            }
        }

        return code;
    }

    private static Action<StorePathInfo> ExplainDependency(StoreGraph graph, long dependency, int limit, IReport report, CancellationToken cancellation)
    {
        var tracer = new DependencyTracer(graph, graph.FindRow(dependency), cancellation);
        return path =>
        {
            foreach (var chain in tracer.Trace(Find(graph, path)).Take(limit))
            {
                cancellation.ThrowIfCancellationRequested();
                report.Write(chain);
            }
        };
    }

    private Action<StorePathInfo> ExplainLife(ParseResult parsed, StoreGraph graph, int limit, IReport report, CancellationToken cancellation)
    {
        var scanner = new RootScanner(graph.Store, path => graph.Find(path) >= 0);
        var tracer = new PathTracer(graph, scanner.FindAll(cancellation), _liveness.Of(parsed), OwnProcesses.Find());
        CommonWarnings.OfRoots(scanner, report);
        var onlyDead = parsed.GetValue(_dead);
        return path =>
        {
            IReadOnlyList<StoreTrace> traces = path.State == StorePathState.Unregistered
                ? [tracer.TraceUnregistered(path.Path)] : tracer.Trace(Find(graph, path), limit, cancellation);
            foreach (var trace in traces.Where(trace => !trace.Alive || !onlyDead))
            {
                report.Write(trace);
            }
        };
    }

    /// <exception cref="StorePathNotFoundException">It was registered after the graph was read.</exception>
    private static int Find(StoreGraph graph, StorePathInfo path)
        => graph.Find(path.Path) is >= 0 and var node ? node : throw new StorePathNotFoundException(path.Path, graph.Store);
}
