using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Stores;

namespace NixStore.Bench;

/// <summary>Times the graph of references of a large store; compiled by collect.ps1.</summary>
public static class GraphBench
{
    private const int Repetitions = 15;

    public static string Run(string root)
    {
        using var database = StoreDatabase.OpenForReading(StoreLocator.Locate("local?root=" + root, new NixConfiguration()));
        var watch = Stopwatch.StartNew();
        var graph = StoreGraph.Load(database, CancellationToken.None);
        var load = watch.Elapsed;

        // The path registered last has the largest closure.
        var start = graph.Count - 1;
        var reached = 0;
        var best = Enumerable.Range(0, Repetitions).Min(_ =>
        {
            watch.Restart();
            reached = graph.Close([start], graph.References).Count;
            return watch.Elapsed;
        });
        return $"{graph.Count:N0} paths, {graph.References.EdgeCount:N0} references: loaded in {load.TotalSeconds:0.00} s "
            + $"({GC.GetTotalMemory(true) >> 20} MiB); a closure of {reached:N0} paths in {best.TotalMilliseconds:0.0} ms.";
    }
}
