using System.Management.Automation;
using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Liveness;
using NixStore.Engine.Roots;
using NixStore.Engine.Verification;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Trace-StorePath: why paths are alive, or dead; by which references a path depends on another.</summary>
[Cmdlet(VerbsDiagnostic.Trace, "StorePath", DefaultParameterSetName = PathSet)]
[OutputType(typeof(StoreTrace), typeof(StoreDependency))]
public sealed class TraceStorePathCommand : StorePathCommand
{
    private const int DefaultRoots = 10;
    private const int DefaultChains = 1;

    private readonly Dictionary<StoreDatabase, StoreGraph> _graphs = [];
    private readonly Dictionary<StoreDatabase, PathTracer> _tracers = [];
    private readonly Dictionary<StoreDatabase, DependencyTracer> _dependencies = [];

    /// <summary>How many chains of each path at most. Default: those of the 10 nearest roots; with -DependsOn one.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int First { get; set; }

    /// <summary>All chains: one for each root; with -DependsOn all that are as short as the shortest.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>Only those paths that are dead.</summary>
    [Parameter]
    public SwitchParameter Dead { get; set; }

    /// <summary>Ask instead by which references the paths depend on this one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StorePathCompleter))]
    public string? DependsOn { get; set; }

    /// <summary>A derivation that is alive keeps its outputs. Default: keep-outputs of nix.conf.</summary>
    [Parameter]
    public SwitchParameter KeepOutputs { get; set; }

    /// <summary>A path that is alive keeps the derivation it was built from. Default: keep-derivations of nix.conf.</summary>
    [Parameter]
    public SwitchParameter KeepDerivations { get; set; }

    private int Limit => All ? int.MaxValue : First > 0 ? First : DependsOn is null ? DefaultRoots : DefaultChains;

    /// <inheritdoc/>
    protected override void Begin()
    {
        Exclude(nameof(First), nameof(All));
        Exclude(nameof(DependsOn), nameof(Dead));
        Exclude(nameof(DependsOn), nameof(KeepOutputs));
        Exclude(nameof(DependsOn), nameof(KeepDerivations));
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        var database = OpenDatabase();
        foreach (var pattern in ReadPatterns(database))
        {
            Try(() =>
            {
                if (pattern.IsWildcard)
                {
                    TraceMatches(database, pattern);
                }
                else
                {
                    TraceOne(database, new PathLookup(database).Describe(pattern.Text, includeUnregistered: DependsOn is null));
                }
            });
        }
    }

    private void Exclude(string one, string other)
    {
        if (MyInvocation.BoundParameters.ContainsKey(one) && MyInvocation.BoundParameters.ContainsKey(other))
        {
            throw new NixStoreException("ParametersExclude", StoreErrorKind.InvalidArgument, $"-{one} and -{other} exclude each other.", other,
                "Leave one of them out.");
        }
    }

    private void TraceMatches(StoreDatabase database, StorePathPattern pattern)
    {
        var graph = GraphOf(database);
        var found = false;
        for (var node = 0; node < graph.Count; node++)
        {
            PipelineStopToken.ThrowIfCancellationRequested();
            if (pattern.IsMatch(graph.PathOf(node)))
            {
                found = true;
                Trace(database, node);
            }
        }

        if (!found)
        {
            throw new StorePathNotFoundException(pattern.Text, database.Store);
        }
    }

    private void TraceOne(StoreDatabase database, StorePathInfo path)
    {
        if (path.State == StorePathState.Unregistered)
        {
            WriteTrace(TracerOf(database).TraceUnregistered(path.Path));
            return;
        }

        // A path that was registered after the graph was loaded is not in it.
        var node = GraphOf(database).Find(path.Path);
        Trace(database, node >= 0 ? node : throw new StorePathNotFoundException(path.Path, database.Store));
    }

    private void Trace(StoreDatabase database, int node)
    {
        try
        {
            if (DependsOn is not null)
            {
                foreach (var dependency in DependenciesOf(database).Trace(node).Take(Limit))
                {
                    PipelineStopToken.ThrowIfCancellationRequested();
                    WriteObject(dependency);
                }
            }
            else if (!Dead || !TracerOf(database).IsAlive(node))
            {
                foreach (var trace in TracerOf(database).Trace(node, Limit, PipelineStopToken))
                {
                    WriteObject(trace);
                }
            }
        }
        catch (DoesNotDependException error)
        {
            WriteError(error);
        }
    }

    private void WriteTrace(StoreTrace trace)
    {
        if (!Dead || !trace.Alive)
        {
            WriteObject(trace);
        }
    }

    private StoreGraph GraphOf(StoreDatabase database) => _graphs.Of(database, LoadGraph);

    private PathTracer TracerOf(StoreDatabase database) => _tracers.Of(database, NewTracer);

    private DependencyTracer DependenciesOf(StoreDatabase database) => _dependencies.Of(database, NewDependencyTracer);

    private StoreGraph LoadGraph(StoreDatabase database)
    {
        var graph = StoreGraph.Load(database, PipelineStopToken);
        if (graph.DanglingReferences.Count > 0)
        {
            WriteWarning($"The database of the store {database.Store.Url} has {graph.DanglingReferences.Count} references from or to rows that do not exist: chains through these are not seen.");
        }

        return graph;
    }

    private PathTracer NewTracer(StoreDatabase database)
    {
        var graph = GraphOf(database);
        var scanner = new RootScanner(database.Store, path => graph.Find(path) >= 0);
        var tracer = new PathTracer(graph, scanner.FindAll(PipelineStopToken), SurveyOptions.Of(MyInvocation, []).Settings, OwnProcesses.Find());
        foreach (var error in scanner.Incomplete)
        {
            WriteWarning($"{error.Message} {error.Remedy}".TrimEnd());
        }

        return tracer;
    }

    private DependencyTracer NewDependencyTracer(StoreDatabase database)
    {
        var graph = GraphOf(database);
        var node = graph.FindRow(new PathLookup(database).Find(DependsOn!).Id);
        return new DependencyTracer(graph, node, PipelineStopToken);
    }
}
