using NixStore.Catalog.Datasets;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Datasets;

public sealed class DatasetImportTests : IDisposable
{
    private const string Hash = "00bgd045z0d4icpbc2yyz4gx48ak44la";
    private const string Digest = "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73";

    private readonly TemporaryDirectory _directory = new();

    private string Folder => _directory / "cache.catalog";

    private string Dataset => _directory / "narinfos.parquet";

    public void Dispose() => _directory.Dispose();

    // 00bgd045z0d4icpbc2yyz4gx48ak44la and SHA-256 of nothing, as bytes.
    private static string HashBytes => "unhex('8a1119908b10f9be780f8cd8b2a0b21f0ad25af0')";

    private static string DigestBytes => "unhex('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')";

    [Fact]
    public void The_form_with_store_paths_is_read()
    {
        Write($"""
            SELECT '/nix/store/{Hash}-foo-1.0' AS store_path, 'nar/{Digest}.nar.xz' AS url, 'xz' AS compression, 'sha256:{Digest}' AS file_hash, 5::UBIGINT AS file_size,
                   'sha256:{Digest}' AS nar_hash, 7::UBIGINT AS nar_size, ['{Hash}-foo-1.0', '{SampleCache.HashPart(1)}-x'] AS "references", '{Hash}-foo-1.0.drv' AS deriver,
                   'x86_64-linux' AS system, '' AS ca, ['k:sig'] AS signatures, 1767661980000 AS last_modified_at
            """);
        Assert.Equal(new FeedResult(1, 0, 0), Import());
        Check();
    }

    [Fact]
    public void The_form_with_hashes_as_bytes_is_read()
    {
        Write($"""
            SELECT {HashBytes} AS hash, 'foo-1.0' AS pname, 'xz' AS compression, {DigestBytes} AS file_hash, 5::UBIGINT AS file_size,
                   {DigestBytes} AS nar_hash, 7::UBIGINT AS nar_size, [{HashBytes}] AS "references", {HashBytes} AS deriver, 'foo-1.0' AS deriver_pname,
                   'x86_64-linux' AS system, ['k'] AS signature_domains, ['sig'::BLOB] AS signature_values, 'fixed:r:sha256' AS ca_algo, {DigestBytes} AS ca_hash,
                   false AS quirk_references_out_of_order
            """);
        Assert.Equal(new FeedResult(1, 0, 0), Import());
        using var session = CacheCatalog.Open(Folder).OpenSession();
        using var rows = session.Query("SELECT * FROM narinfos");
        Assert.True(rows.Read());
        var hash = rows.GetText(NarInfoColumn.Hash);
        Assert.Equal(32, hash.Length);
        Assert.Equal("foo-1.0", rows.GetText(NarInfoColumn.Name));
        Assert.Equal($"nar/{Digest}.nar.xz", rows.GetText(NarInfoColumn.Url));
        Assert.Equal($"sha256:{Digest}", rows.GetText(NarInfoColumn.FileHash));
        Assert.Equal($"sha256:{Digest}", rows.GetText(NarInfoColumn.NarHash));
        Assert.Equal([hash], rows.GetTexts(NarInfoColumn.References));
        Assert.Equal($"{hash}-foo-1.0.drv", rows.GetText(NarInfoColumn.Deriver));
        Assert.Equal("k:c2ln", Assert.Single(rows.GetTexts(NarInfoColumn.Signatures)));
        Assert.Equal($"fixed:r:sha256:{Digest}", rows.GetText(NarInfoColumn.ContentAddress));
        Assert.True(rows.IsNull(NarInfoColumn.LastModified));
    }

    [Fact]
    public void The_form_between_them_is_read()
    {
        Write($"""
            SELECT '{Hash}' AS hash, 'foo-1.0' AS pname, 'nar/{Digest}.nar.xz' AS url, 'xz' AS compression, 'sha256:{Digest}' AS file_hash, 5::UBIGINT AS file_size,
                   'sha256:{Digest}' AS nar_hash, 7::UBIGINT AS nar_size, [{HashBytes}, {HashBytes}] AS reference_hashes, ['a', 'b'] AS reference_pnames,
                   '{Hash}-foo-1.0.drv' AS deriver, 'x86_64-linux' AS system, NULL::VARCHAR AS ca, ['k:sig'] AS signatures, TIMESTAMP '2026-01-06 01:13:00' AS last_modified_at
            """);
        Assert.Equal(new FeedResult(1, 0, 0), Import());
        Check();
    }

    [Fact]
    public void Rows_that_may_not_be_in_the_table_become_findings()
    {
        string Row(string path, string url, string more = "") => $"SELECT '{path}' AS store_path, '{url}' AS url, 'sha256:{Digest}' AS nar_hash, 7 AS nar_size, ['{Hash}-x'] AS \"references\"{more}";
        Write(string.Join(" UNION ALL ", Row($"/nix/store/{Hash}-foo", "nar/x.nar"), Row($"{SampleCache.HashPart(1)}-foo", "../../x"), Row($"{SampleCache.HashPart(2)}-foo", "http://evil/x"),
            Row($"{SampleCache.HashPart(3)}-foo", "/x"), Row("/gnu/store/x", "nar/x.nar"), Row($"{SampleCache.HashPart(4)}-f/oo", "nar/x"), Row($"{SampleCache.HashPart(5)}-foo", "nar//x"),
            Row($"{SampleCache.HashPart(6)}-foo", "nar/%2e%2e/x"), Row($"{SampleCache.HashPart(7)}-foo", "nar/x").Replace(" 7 ", " 0 "), Row($"{SampleCache.HashPart(8)}-foo", "nar/x").Replace($"['{Hash}-x']", "['x']"),
            Row($"/nix/store/{Hash}-again", "nar/y.nar")));
        var result = Import();
        Assert.Equal(new FeedResult(1, 0, 9), result);
        using var session = CacheCatalog.Open(Folder).OpenSession();
        Assert.Equal(1, session.QueryNumber("SELECT count(*) FROM narinfos WHERE pname = 'foo'"));
    }

    [Fact]
    public void What_is_there_stays_and_a_killed_import_goes_on()
    {
        const string alphabet = "0123456789abcdfghijklmnpqrsvwxyz";
        Write($"""
            SELECT list_aggregate(list_transform(range(32), x -> '{alphabet}'[1 + (hash(i * 40 + x) % 32)::INT]), 'string_agg', '') AS hash, 'p-' || i AS pname,
                   'nar/' || i || '.nar' AS url, 'sha256:{Digest}' AS nar_hash, 1 + i AS nar_size FROM range(500) t(i)
            """);
        Assert.Equal(500, Import(stepSize: 64).Read);
        var wanted = Folders.Read(Folder);

        Directory.Move(Folder, _directory / "undisturbed");
        using (var writer = CatalogWriter.Open(Folder, new CatalogManifest()))
        {
            using var stop = new CancellationTokenSource();
            var steps = 0;
            var import = new DatasetImport(Dataset)
            {
                StepSize = 64,
                AfterStep = () =>
                {
                    if (++steps == 3)
                    {
                        stop.Cancel();
                    }
                },
            };
            Assert.ThrowsAny<OperationCanceledException>(() => import.Run(writer, stop.Token));
            Assert.Equal(3 * 64, writer.Manifest[CatalogTable.NarInfos].Rows);
        }

        Import(stepSize: 64);
        Assert.Equal(wanted, Folders.Read(Folder));
        Assert.Equal(new FeedResult(0, 0, 0), Import(stepSize: 64));
    }

    [Theory]
    [InlineData("SELECT 1 AS x")]
    [InlineData("SELECT 'x' AS store_path, 'y' AS url")]
    public void What_is_no_dataset_is_refused(string select)
    {
        Write(select);
        Assert.Equal("DatasetNotRecognised", Assert.Throws<NixStoreException>(() => Import()).ErrorId);
    }

    [Fact]
    public void There_may_be_no_dataset_at_all()
    {
        Assert.Equal("DatasetNotFound", Assert.Throws<NixStoreException>(() => Import()).ErrorId);
        File.WriteAllText(Dataset, "no parquet");
        Assert.Equal("CatalogFileUnreadable", Assert.Throws<DuckException>(() => Import()).ErrorId);
    }

    private void Check()
    {
        using var session = CacheCatalog.Open(Folder).OpenSession();
        using var rows = session.Query("SELECT * FROM narinfos");
        Assert.True(rows.Read());
        Assert.Equal((Hash, "foo-1.0", $"nar/{Digest}.nar.xz"), (rows.GetText(NarInfoColumn.Hash), rows.GetText(NarInfoColumn.Name), rows.GetText(NarInfoColumn.Url)));
        Assert.Equal((5L, 7L), (rows.GetInt64(NarInfoColumn.FileSize), rows.GetInt64(NarInfoColumn.NarSize)));
        Assert.Equal(2, rows.GetTexts(NarInfoColumn.References).Length);
        Assert.All(rows.GetTexts(NarInfoColumn.References), reference => Assert.Equal(32, reference.Length));
        Assert.Equal($"{Hash}-foo-1.0.drv", rows.GetText(NarInfoColumn.Deriver));
        Assert.True(rows.IsNull(NarInfoColumn.ContentAddress));
        Assert.Equal(["k:sig"], rows.GetTexts(NarInfoColumn.Signatures));
        Assert.Equal(2026, rows.GetTime(NarInfoColumn.LastModified).Year);
    }

    private void Write(string select)
    {
        using var session = new DuckSession(new DuckOptions { TemporaryDirectory = _directory / "spill" });
        session.Execute($"COPY ({select}) TO {DuckSession.Quote(Dataset)} (FORMAT parquet, ROW_GROUP_SIZE 100)");
    }

    private FeedResult Import(int stepSize = 1_000_000)
    {
        using var writer = CatalogWriter.Open(Folder, new CatalogManifest());
        return new DatasetImport(Dataset) { StepSize = stepSize }.Run(writer);
    }
}
