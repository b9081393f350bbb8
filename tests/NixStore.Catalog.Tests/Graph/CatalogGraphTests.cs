using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Graph;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Tests.Graph;

public sealed class CatalogGraphTests : IDisposable
{
    /// <summary>What a recursive query says, which knows nothing of numbers, files and threads.</summary>
    private const string Oracle = """
        WITH RECURSIVE reached(hash) AS (
            SELECT n.hash FROM narinfos n WHERE list_contains($1, n.hash)
            UNION
            SELECT n.hash FROM reached r JOIN narinfos f ON f.hash = r.hash, unnest(f."references") AS u(reference) JOIN narinfos n ON n.hash = u.reference)
        SELECT hash FROM reached ORDER BY hash
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nixstore-test-");

    private string Catalog => $"{_folder.FullName}/cache.catalog";

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 8)]
    [InlineData(4, 13)]
    public void What_is_reached_is_what_a_recursive_query_finds(int seed, int sameDigits)
    {
        var narinfos = RandomNarinfos.Make(seed, 3000, sameDigits);
        var catalog = Make(narinfos, parts: 3);
        var random = new Random(seed + 500);
        List<string> roots = [.. narinfos.Hashes.Where(_ => random.Next(300) == 0), RandomNarinfos.RandomHash(random)];

        using var graph = CatalogGraph.Open(catalog, 2, null, CancellationToken.None);
        var reached = graph.Reach(roots, 2, CancellationToken.None);

        using var session = catalog.OpenSession();
        var expected = Read(session, Oracle, roots);
        Assert.InRange(expected.Count, 100, 2999);
        Assert.Equal(expected.Count, reached.Count);
        reached.Register(session);
        Assert.Equal(expected, Read(session, "SELECT hash FROM narinfos WHERE depth(hash) >= 0 ORDER BY hash"));
        Assert.Equal(narinfos.Reach(roots).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key} {entry.Value}"),
            Read(session, "SELECT hash || ' ' || depth(hash) FROM narinfos WHERE depth(hash) >= 0 ORDER BY hash"));
        Assert.Equal(["-1", "-1"], Read(session, "SELECT depth(x)::VARCHAR FROM (VALUES ('no hash'), ('')) t(x)"));
        Assert.Equal(1, session.QueryNumber("SELECT depth(NULL) IS NULL"));
    }

    [Fact]
    public void References_that_are_no_hashes_are_dangling_nowhere_and_missing_lists_are_empty()
    {
        var hashes = RandomNarinfos.Make(4, 3).Hashes;
        var catalog = Make($"""
            SELECT * FROM (VALUES ('{hashes[0]}', ['{hashes[1]}', NULL, 'short', '{hashes[2]}']), ('{hashes[1]}', NULL), ('{hashes[2]}', [])) t(hash, refs)
            """);

        using var graph = CatalogGraph.Open(catalog, 2, null, CancellationToken.None);

        Assert.Equal((3, 2, 0), (graph.Count, graph.ReferenceCount, graph.DanglingReferenceCount));
        Assert.Equal([0, 1, 1], hashes.Select(graph.Reach([hashes[0]], 1, CancellationToken.None).DepthOf));
    }

    [Fact]
    public void A_row_without_a_hash_is_named()
    {
        var catalog = Make("SELECT 'nothing' AS hash, []::VARCHAR[] AS refs");

        var error = Assert.Throws<NixStoreException>(() => CatalogGraph.Open(catalog, 2, null, CancellationToken.None));

        Assert.Equal(("CatalogHashMalformed", "nothing"), (error.ErrorId, error.Target));
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{Catalog}/graph"));
    }

    [Fact]
    public void A_graph_is_built_once_and_anew_when_the_narinfos_are_others()
    {
        var first = RandomNarinfos.Make(5, 100);
        var catalog = Make(first, parts: 1);
        CatalogGraph.Open(catalog, 2, null, CancellationToken.None).Dispose();
        var folder = Assert.Single(Directory.GetDirectories($"{Catalog}/graph"));
        var made = File.GetLastWriteTimeUtc($"{folder}/graph.json");
        Directory.CreateDirectory($"{Catalog}/graph/tmp-999999999/rubbish");

        using (var again = CatalogGraph.Open(catalog, 2, null, CancellationToken.None))
        {
            Assert.Equal((100, made), (again.Count, File.GetLastWriteTimeUtc($"{folder}/graph.json")));
        }

        catalog = Make(RandomNarinfos.Make(6, 50), parts: 1);
        using var graph = CatalogGraph.Open(catalog, 2, null, CancellationToken.None);
        Assert.Equal(150, graph.Count);
        Assert.NotEqual(folder, Assert.Single(Directory.GetDirectories($"{Catalog}/graph")));
    }

    [Theory]
    [InlineData(29)]
    [InlineData(31)]
    public void A_file_with_other_rows_than_the_catalog_says_is_an_error(int rows)
    {
        Make(RandomNarinfos.Make(7, 30), parts: 1);
        var manifest = $"{Catalog}/catalog.json";
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"rows\": 30", $"\"rows\": {rows}"));

        var error = Assert.Throws<NixStoreException>(() => CatalogGraph.Open(CacheCatalog.Open(Catalog), 2, null, CancellationToken.None));
        Assert.Equal("CatalogCorrupt", error.ErrorId);
        Assert.Empty(Directory.GetDirectories($"{Catalog}/graph"));
    }

    private CacheCatalog Make(RandomNarinfos narinfos, int parts)
    {
        CacheCatalog? catalog = null;
        foreach (var rows in narinfos.Hashes.Select((hash, at) => (hash, at)).GroupBy(entry => entry.at % parts))
        {
            var values = rows.OrderBy(entry => entry.hash, StringComparer.Ordinal)
                .Select(entry => $"('{entry.hash}', {List(narinfos.RowOf(entry.hash))})");
            catalog = Make($"SELECT * FROM (VALUES {string.Join(", ", values)}) t(hash, refs)");
        }

        return catalog!;
    }

    private CacheCatalog Make(string select)
    {
        using var writer = CatalogWriter.Open(Catalog, new CatalogManifest());
        var step = writer.BeginStep();
        step.Write(CatalogTable.NarInfos, $"""
            SELECT hash, 'name', 'nar/' || hash || '.nar', 'none', NULL, 1, 'sha256:', 1, refs::VARCHAR[] AS "references", NULL, NULL, NULL, NULL, NULL::TIMESTAMP_MS, NULL FROM ({select})
            """);
        step.Commit();
        return writer.ToCatalog();
    }

    private static string List(IEnumerable<string> references) => $"[{string.Join(", ", references.Select(DuckSession.Quote))}]::VARCHAR[]";

    private static List<string> Read(DuckSession session, string sql, params object?[] parameters)
    {
        using var rows = session.Query(sql, CancellationToken.None, parameters);
        var texts = new List<string>();
        while (rows.Read())
        {
            texts.Add(rows.GetText(0));
        }

        return texts;
    }
}
