using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Liveness;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Liveness;

public sealed class PathTracerTests : IDisposable
{
    private readonly SmallStore _store = new();

    public PathTracerTests()
    {
        // app needs lib and data, tool needs lib, lib needs libc; old needs libc; app was built from app.drv, which needs source.
        var libc = _store.Add("libc");
        var lib = _store.Add("lib", libc);
        var data = _store.Add("data");
        _store.Add("app", lib, data);
        _store.Add("tool", lib);
        _store.Add("old", libc);
        var source = _store.Add("source");
        _store.Add("app.drv", source);
        _store.Sql($"update ValidPaths set deriver = '{_store.Full("app.drv")}' where path = '{_store.Full("app")}';"
            + $"insert into DerivationOutputs select id, 'out', '{_store.Full("app")}' from ValidPaths where path = '{_store.Full("app.drv")}'");
    }

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Each_root_that_reaches_a_path_has_its_shortest_chain_nearest_first()
    {
        var traces = Trace("libc", [Link("tool"), Link("app"), Link("data"), Link("lib")]);

        Assert.Equal(["lib", "app", "tool"], traces.Select(trace => Path.GetFileName(trace.Root!.Link)));
        Assert.Equal(["lib libc", "app lib libc", "tool lib libc"], traces.Select(ChainOf));
        Assert.Equal([1, 2, 2], traces.Select(trace => trace.Length));
        Assert.All(traces, trace => Assert.True(trace.Alive && trace.RootCount == 3 && trace.Reason is null && trace.Note is null));
        Assert.All(traces, trace => Assert.All(trace.Edges, edge => Assert.Equal(StoreTraceEdge.Reference, edge)));
        Assert.Equal(2, Trace("libc", [Link("tool"), Link("app"), Link("lib")], limit: 2).Count);
    }

    [Fact]
    public void A_root_of_the_path_itself_is_a_chain_without_steps()
    {
        var trace = Assert.Single(Trace("data", [Link("data")]));

        Assert.Equal("data", ChainOf(trace));
        Assert.Equal(0, trace.Length);
        Assert.Empty(trace.Dominators);
    }

    [Fact]
    public void What_every_chain_passes_is_named()
    {
        Assert.Equal([_store.Full("lib")], Trace("libc", [Link("app"), Link("tool")])[0].Dominators);
        Assert.Equal([_store.Full("app"), _store.Full("lib")], Trace("libc", [Link("app")])[0].Dominators);
        Assert.Empty(Trace("libc", [Link("app"), Link("old")])[0].Dominators);
    }

    [Fact]
    public void What_would_be_freed_is_what_no_other_root_keeps()
    {
        var alone = Trace("libc", [Link("app")])[0];
        Assert.Equal(6, alone.ReclaimableCount);
        Assert.Equal(Sizes("app", "lib", "data", "libc", "app.drv", "source"), alone.ReclaimableSize);

        var shared = Trace("lib", [Link("app"), Link("tool")]);
        Assert.Equal([4, 1], shared.Select(trace => trace.ReclaimableCount!.Value));
        Assert.Equal(Sizes("app", "data", "app.drv", "source"), shared[0].ReclaimableSize);

        Assert.Equal([0, 0], Trace("app", [Link("app"), Link("app") with { Link = "/other" }]).Select(trace => trace.ReclaimableCount!.Value));
    }

    [Fact]
    public void Roots_of_one_process_and_links_to_one_link_go_together()
    {
        StoreRoot[] process = [Process("tool", 7, StoreRootOrigin.Executable), Process("tool", 7, StoreRootOrigin.MappedFile), Process("old", 7, StoreRootOrigin.Environment)];
        Assert.Equal([4, 4, 4], Trace("libc", process).Select(trace => trace.ReclaimableCount!.Value));

        StoreRoot[] links = [Link("tool") with { Link = "/p/x-1-link" }, Link("tool") with { Link = "/p/x", Target = "x-1-link" }];
        Assert.Equal([3, 3], Trace("tool", links).Select(trace => trace.ReclaimableCount!.Value));
    }

    [Fact]
    public void Derivers_keep_if_asked_for()
    {
        var trace = Assert.Single(Trace("source", [Link("app")]));
        Assert.Equal("app app.drv source", ChainOf(trace));
        Assert.Equal([StoreTraceEdge.Deriver, StoreTraceEdge.Reference], trace.Edges);

        Assert.False(Assert.Single(Trace("source", [Link("app")], new LivenessSettings(KeepDerivations: false))).Alive);
    }

    [Fact]
    public void Outputs_keep_if_asked_for()
    {
        var trace = Assert.Single(Trace("data", [Link("app.drv")], new LivenessSettings(KeepOutputs: true)));
        Assert.Equal("app.drv app data", ChainOf(trace));
        Assert.Equal([StoreTraceEdge.Output, StoreTraceEdge.Reference], trace.Edges);

        // The derivation and its output keep each other: both go with the root all the same.
        Assert.Equal(6, trace.ReclaimableCount);
        Assert.False(Assert.Single(Trace("data", [Link("app.drv")])).Alive);
    }

    [Fact]
    public void A_path_that_nothing_keeps_is_unreferenced()
    {
        var trace = Assert.Single(Trace("old", [Link("app")]));

        Assert.False(trace.Alive);
        Assert.Equal(StoreTraceReason.Unreferenced, trace.Reason);
        Assert.Empty(trace.Referrers);
        Assert.Null(trace.ReclaimableSize);
        Assert.Equal("no root and no path keeps it", trace.Note);

        var unknown = Link("app") with { State = StoreRootState.Unknown, Path = null };
        Assert.Equal("no root and no path keeps it; 1 roots point at what cannot be read now, and may keep it", Trace("old", [unknown])[0].Note);
    }

    [Fact]
    public void A_path_that_only_the_dead_keep_names_these()
    {
        var trace = Assert.Single(Trace("lib", [Link("old")]));

        Assert.Equal(StoreTraceReason.OnlyReferredByDead, trace.Reason);
        Assert.Equal(new[] { "app", "tool" }.Select(_store.Full).Order(), trace.Referrers.Order());
        Assert.Equal(2, trace.ReferrerCount);

        for (var more = 0; more < 20; more++)
        {
            _store.Add($"more{more}", SmallStore.PathOf("lib"));
        }

        trace = Assert.Single(Trace("lib", []));
        Assert.Equal([10, 22], [trace.Referrers.Count, trace.ReferrerCount]);
    }

    [Fact]
    public void A_path_that_only_a_stale_root_would_keep_names_it()
    {
        var trace = Assert.Single(Trace("lib", [Link("tool") with { State = StoreRootState.Stale }, Link("old")]));

        Assert.False(trace.Alive);
        Assert.Equal(StoreTraceReason.OnlyStaleRoots, trace.Reason);
        Assert.Equal("/gcroots/tool", trace.Root!.Link);
        Assert.Equal("tool lib", ChainOf(trace));
    }

    [Fact]
    public void A_root_that_cannot_be_looked_at_keeps_and_says_so()
    {
        var trace = Assert.Single(Trace("lib", [Link("tool") with { State = StoreRootState.Unknown }]));

        Assert.True(trace.Alive);
        Assert.Contains("cannot be read", trace.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_is_not_registered_is_kept_by_a_temporary_root_alone()
    {
        var temporary = Process("new", 7, StoreRootOrigin.TemporaryRoots) with { Kind = StoreRootKind.Temporary, State = StoreRootState.NotRegistered };
        var permanent = Link("new") with { State = StoreRootState.NotRegistered };

        var dead = Tracer([permanent], new LivenessSettings(), []).TraceUnregistered(_store.Full("new"));
        Assert.False(dead.Alive);
        Assert.Equal(StoreTraceReason.NotRegistered, dead.Reason);
        var alive = Tracer([permanent, temporary], new LivenessSettings(), []).TraceUnregistered(_store.Full("new"));
        Assert.True(alive.Alive);
        Assert.Same(temporary, alive.Root);
        Assert.Null(alive.Reason);
    }

    [Fact]
    public void Alive_is_what_the_live_set_has()
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        var graph = StoreGraph.Load(database, CancellationToken.None);
        foreach (var settings in new LivenessSettings[] { new(false, false), new(false, true), new(true, false), new(true, true) })
        {
            foreach (var name in new[] { "app", "tool", "app.drv", "old" })
            {
                var tracer = Tracer([Link(name)], settings, []);
                var live = LiveSet.From(graph, [graph.Find(_store.Full(name))], settings);
                Assert.All(Enumerable.Range(0, graph.Count), node => Assert.Equal(live.Contains(node), tracer.IsAlive(node)));
            }
        }
    }

    [Fact]
    public void Dependencies_have_their_chains_and_the_others_an_error()
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        var graph = StoreGraph.Load(database, CancellationToken.None);
        var tracer = new DependencyTracer(graph, graph.Find(_store.Full("libc")), CancellationToken.None);

        var dependency = Assert.Single(tracer.Trace(graph.Find(_store.Full("app"))));
        Assert.Equal(new[] { "app", "lib", "libc" }.Select(_store.Full), dependency.Chain);
        Assert.Equal([_store.Full("app"), _store.Full("libc")], [dependency.Path, dependency.DependsOn]);
        Assert.Equal(2, dependency.Length);
        Assert.Equal(0, Assert.Single(tracer.Trace(graph.Find(_store.Full("libc")))).Length);
        var error = Assert.Throws<DoesNotDependException>(() => tracer.Trace(graph.Find(_store.Full("data"))));
        Assert.Equal("DoesNotDepend", error.ErrorId);
        Assert.Equal(_store.Full("data"), error.Target);
    }

    private string ChainOf(StoreTrace trace) => string.Join(' ', trace.Chain.Select(path => path[(_store.Location.Directory.Path.Length + 34)..]));

    private long Sizes(params string[] names)
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        return names.Sum(name => database.Find(_store.Full(name))!.NarSize ?? 0);
    }

    private IReadOnlyList<StoreTrace> Trace(string name, StoreRoot[] roots, LivenessSettings? settings = null, int limit = 100)
    {
        var tracer = Tracer(roots, settings ?? new LivenessSettings(), []);
        using var database = StoreDatabase.OpenForReading(_store.Location);
        return tracer.Trace(StoreGraph.Load(database, CancellationToken.None).Find(_store.Full(name)), limit, CancellationToken.None);
    }

    private PathTracer Tracer(IReadOnlyList<StoreRoot> roots, LivenessSettings settings, int[] own)
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        return new PathTracer(StoreGraph.Load(database, CancellationToken.None), roots, settings, new OwnProcesses(own));
    }

    private StoreRoot Link(string name) => new()
    {
        Store = _store.Location.Url,
        Kind = StoreRootKind.Permanent,
        Origin = StoreRootOrigin.DirectLink,
        State = StoreRootState.Active,
        Path = _store.Full(name),
        Link = $"/gcroots/{name}",
        Target = _store.Full(name),
    };

    private StoreRoot Process(string name, int pid, StoreRootOrigin origin) => new()
    {
        Store = _store.Location.Url,
        Kind = StoreRootKind.Runtime,
        Origin = origin,
        State = StoreRootState.Active,
        Path = _store.Full(name),
        Link = $"/proc/{pid}/{origin}",
        Pid = pid,
        ProcessName = name,
    };
}
