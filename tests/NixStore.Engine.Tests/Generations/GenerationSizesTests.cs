using NixStore.Engine.Database;
using NixStore.Engine.Generations;
using NixStore.Engine.Graph;
using NixStore.Engine.Liveness;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Generations;

public sealed class GenerationSizesTests
{
    [Fact]
    public void The_walk_for_all_agrees_with_a_walk_for_each()
    {
        const int paths = 40;
        var random = new Random(3);
        using var store = new SmallStore();
        var names = new List<StorePath>();
        for (var i = 0; i < paths; i++)
        {
            var count = Math.Min(i, random.Next(3));
            names.Add(store.Add($"p{i}", [.. Enumerable.Range(0, count).Select(_ => names[random.Next(names.Count)]).Distinct()]));
        }

        using var database = StoreDatabase.OpenForReading(store.Location);
        var graph = StoreGraph.Load(database, CancellationToken.None);
        var settings = new LivenessSettings();
        for (var round = 0; round < 50; round++)
        {
            var generations = Enumerable.Range(0, random.Next(1, 8)).Select(number => Generation(store, number, store.Full($"p{random.Next(paths)}"))).ToList();
            var others = Enumerable.Range(0, random.Next(3)).Select(number => Root($"/gcroots/{number}", null, store.Full($"p{random.Next(paths)}"))).ToList();
            List<StoreRoot> roots = [.. others, .. generations.Select((generation, number) => number % 2 == 0
                ? Root(generation.Link, null, generation.Path) : Root($"/auto/{number}", generation.Link, generation.Path))];

            var sized = GenerationSizes.AddTo(generations, graph, roots, settings, CancellationToken.None);

            foreach (var generation in sized)
            {
                var live = LiveSet.From(graph, others.Select(root => graph.Find(root.Path!))
                    .Concat(generations.Where(other => other.Number != generation.Number).Select(other => graph.Find(other.Path!))), settings);
                Assert.Equal(live.Add(graph.Find(generation.Path!)).Sum(graph.NarSizeOf), generation.ReclaimableSize);
            }
        }
    }

    private static StoreGeneration Generation(SmallStore store, int number, string path) => new()
    {
        Store = store.Location.Url,
        Profile = "/p",
        ProfileName = "p",
        Kind = StoreProfileKind.Other,
        Number = number,
        Link = $"/p-{number}-link",
        Path = path,
        CreationTime = DateTimeOffset.UnixEpoch,
    };

    private static StoreRoot Root(string link, string? target, string? path) => new()
    {
        Store = "local",
        Kind = StoreRootKind.Permanent,
        Origin = target is null ? StoreRootOrigin.DirectLink : StoreRootOrigin.IndirectLink,
        State = StoreRootState.Active,
        Link = link,
        Target = target,
        Path = path,
    };
}
