using System.Text;
using NixStore.Catalog.Graph;

namespace NixStore.Catalog.Tests.Graph;

public sealed class ReferenceGraphTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nixstore-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 17)]
    [InlineData(3, 1000)]
    [InlineData(4, 1000)]
    public void Everybody_has_the_references_of_his_row_and_is_reached_in_as_many_steps(int seed, int count)
    {
        var narinfos = RandomNarinfos.Make(seed, count);
        using var graph = Build(narinfos, 2);

        Assert.False(graph.Summary.IsWide);
        ExpectEqual(narinfos, graph, seed);
    }

    [Fact]
    public void Narinfos_are_numbered_in_the_order_of_their_hashes()
    {
        var narinfos = RandomNarinfos.Make(5, 500);
        using var graph = Build(narinfos, 2);

        Assert.Equal(narinfos.Hashes.Order(StringComparer.Ordinal).Select((_, at) => at), narinfos.Hashes.Order(StringComparer.Ordinal).Select(hash => Find(graph, hash)));
    }

    [Fact]
    public void Hashes_that_64_bits_do_not_tell_apart_are_compared_by_128()
    {
        var narinfos = RandomNarinfos.Make(6, 200);
        var twins = narinfos.Hashes.Take(20).Select((hash, at) => (Twin: hash[..14] + narinfos.Hashes[at + 20][14..], Of: hash)).ToList();
        var all = new RandomNarinfos([
            .. narinfos.Hashes.Select(hash => (hash, narinfos.ReferencesOf(hash))),
            .. twins.Select(twin => (twin.Twin, new List<string> { twin.Of, narinfos.Hashes[150] }))]);
        using var graph = Build(all, 2);

        Assert.True(graph.Summary.IsWide);
        ExpectEqual(all, graph, 6);
        Assert.All(twins, twin => Assert.NotEqual(Find(graph, twin.Twin), Find(graph, twin.Of)));
        Assert.Equal(-1, Find(graph, narinfos.Hashes[0][..14] + narinfos.Hashes[199][14..]));
    }

    [Fact]
    public void The_same_hash_twice_is_refused()
    {
        var narinfos = RandomNarinfos.Make(7, 10);
        var twice = new RandomNarinfos(narinfos.Hashes.Append(narinfos.Hashes[3]).Select(hash => (hash, new List<string>())));

        Assert.Equal("CatalogHashTwice", Assert.Throws<NixStoreException>(() => Build(twice, 2)).ErrorId);
    }

    [Fact]
    public void Figures_add_up()
    {
        var narinfos = RandomNarinfos.Make(8, 300);
        using var graph = Build(narinfos, 2);

        Assert.Equal(narinfos.Hashes.Sum(hash => narinfos.RowOf(hash).Count), graph.Summary.References + graph.Summary.SelfReferences + graph.Summary.DanglingReferences);
        Assert.Equal(narinfos.Hashes.Sum(hash => narinfos.ReferencesOf(hash).Count), graph.Summary.References);
        Assert.InRange(graph.Summary.SelfReferences, 1, 200);
        Assert.InRange(graph.Summary.DanglingReferences, 1, 200);
    }

    [Fact]
    public void The_files_are_the_same_whoever_builds_them()
    {
        var narinfos = RandomNarinfos.Make(9, 2000);
        var one = Directory.CreateDirectory($"{_folder.FullName}/one").FullName;
        var other = Directory.CreateDirectory($"{_folder.FullName}/other").FullName;
        new ReferenceGraphBuilder(narinfos, 1).Build(one, CancellationToken.None);
        new ReferenceGraphBuilder(narinfos, 8).Build(other, CancellationToken.None);

        Assert.All(Directory.GetFiles(one), file => Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes($"{other}/{Path.GetFileName(file)}")));
        Assert.Equal(4 + 1, Directory.GetFiles(other).Length);
    }

    [Theory]
    [InlineData("high.bin")]
    [InlineData("stretches.bin")]
    [InlineData("spans.bin")]
    [InlineData("edges.bin")]
    public void A_file_that_is_cut_or_gone_is_named(string file)
    {
        Build(RandomNarinfos.Make(10, 100), 2).Dispose();
        using (var open = File.OpenWrite($"{_folder.FullName}/{file}"))
        {
            open.SetLength(open.Length - 1);
        }

        Assert.Equal(("CatalogGraphDamaged", $"{_folder.FullName}/{file}"), Refused());
        File.Delete($"{_folder.FullName}/{file}");
        Assert.Equal(("CatalogGraphDamaged", $"{_folder.FullName}/{file}"), Refused());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"formatVersion":1,"narinfos":0}""")]
    public void A_graph_without_a_summary_of_this_format_is_none(string? summary)
    {
        if (summary is not null)
        {
            File.WriteAllText($"{_folder.FullName}/graph.json", summary);
        }

        Assert.Null(ReferenceGraph.TryOpen(_folder.FullName));
    }

    [Fact]
    public void Building_ends_when_it_is_cancelled_or_the_table_cannot_be_read()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => new ReferenceGraphBuilder(RandomNarinfos.Make(11, 1000), 2).Build(_folder.FullName, cancelled.Token));
        Assert.Null(ReferenceGraph.TryOpen(_folder.FullName));
    }

    [Fact]
    public void Numbers_are_sorted_by_several_threads_as_by_one()
    {
        var random = new Random(12);
        var items = Enumerable.Range(0, 200_000).Select(_ => (ulong)random.NextInt64() << (random.Next(2) * 40)).ToArray();
        var expected = items.Order().ToArray();

        ParallelSort.Sort(items, 2, CancellationToken.None);

        Assert.Equal(expected, items);
    }

    private static void ExpectEqual(RandomNarinfos narinfos, ReferenceGraph graph, int seed)
    {
        Assert.Equal(narinfos.Hashes.Count, graph.Count);
        Assert.All(narinfos.Hashes, hash => Assert.Equal(
            narinfos.ReferencesOf(hash).Select(reference => Find(graph, reference)), graph.ReferencesOf(Find(graph, hash)).ToArray()));

        var random = new Random(seed + 1000);
        Assert.Equal(-1, Find(graph, RandomNarinfos.RandomHash(random)));
        foreach (var threads in (int[])[1, 4])
        {
            var roots = narinfos.Hashes.Where(_ => random.Next(50) == 0).Append(narinfos.Hashes.FirstOrDefault()!).Where(hash => hash is not null).ToList();
            var expected = narinfos.Reach(roots);
            var reached = Reachability.Walk(graph, roots.Concat(roots).Select(hash => Find(graph, hash)), threads);

            Assert.Equal((expected.Count, expected.Values.DefaultIfEmpty().Max()), (reached.Count, reached.Levels));
            Assert.All(narinfos.Hashes, hash => Assert.Equal(
                expected.TryGetValue(hash, out var depth) ? depth : -1, reached.DepthOf(Find(graph, hash))));
        }
    }

    private static int Find(ReferenceGraph graph, string hash) => graph.Find(Encoding.ASCII.GetBytes(hash));

    private ReferenceGraph Build(RandomNarinfos narinfos, int threads)
    {
        new ReferenceGraphBuilder(narinfos, threads).Build(_folder.FullName, CancellationToken.None);
        return ReferenceGraph.TryOpen(_folder.FullName)!;
    }

    private (string Id, string? Target) Refused()
    {
        var error = Assert.Throws<NixStoreException>(() => ReferenceGraph.TryOpen(_folder.FullName));
        return (error.ErrorId, error.Target);
    }
}
