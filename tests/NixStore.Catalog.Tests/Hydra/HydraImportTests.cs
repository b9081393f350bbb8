using System.IO.Compression;
using NixStore.Catalog.Hydra;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Hydra;

[Collection(HydraCollection.Name)]
public sealed class HydraImportTests(PostgresServer server) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public void ReadsOneRowAPathFromTheDatabase()
    {
        var hydra = server.NewHydra().AddBuilds(1, 300);
        hydra.Execute("update buildstepoutputs set path = '/gnu/store/' || substr(path, 12) where build = 7; insert into buildstepoutputs values (7, 1, 'doc', '/nix/store/nonsense')");
        using var writer = New("a");
        var progress = HydraImport.From(writer, hydra.Database, buildsAtOnce: 64).Run()!;

        Assert.Equal((570 + 1, 3L, true), (progress.Rows, progress.Skipped, progress.IsComplete));
        Assert.Equal(hydra.Ask<long>("select count(distinct path) from buildstepoutputs where path like '/nix/store/%-%'"), writer.Manifest[CatalogTable.Hydra].Rows);
        Assert.Empty(writer.Manifest[CatalogTable.Hydra].Pending);
        using var rows = writer.Session.Query("SELECT hash, pname, build, stepnr, name, system, stop_time FROM hydra WHERE pname = 'package-33'");
        Assert.True(rows.Read());
        Assert.Equal(33.ToString().PadLeft(32, '0'), rows.GetText(0));
        Assert.Equal((49L, 1L, "out", "x86_64-linux"), (rows.GetInt64(2), rows.GetInt64(3), rows.GetText(4), rows.GetText(5)));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1700000049), rows.GetTime(6));
        Assert.DoesNotContain("password", writer.Manifest.Hydra!.Source, StringComparison.OrdinalIgnoreCase);
    }

    [SkippableFact]
    public void ReadsOnlyWhatHasComeSince()
    {
        var hydra = server.NewHydra().AddBuilds(1, 100);
        using (var writer = New("a"))
        {
            HydraImport.From(writer, hydra.Database).Run();
            Assert.Null(HydraImport.From(writer, hydra.Database).Run());
        }

        // Build 80 is under way at the time: what it makes later counts too.
        hydra.AddBuilds(101, 50);
        hydra.Execute("update builds set finished = 0 where id = 130; delete from buildstepoutputs where build = 130");
        using (var writer = New("a"))
        {
            var progress = HydraImport.From(writer, hydra.Database).Run()!;
            Assert.Equal((130L, 151L), (progress.OpenBuild, progress.UntilBuild));
            Assert.Equal(CountIn(hydra), writer.Manifest[CatalogTable.Hydra].Rows);
        }

        hydra.Execute("update builds set finished = 1 where id = 130; insert into buildstepoutputs values (130, 1, 'out', '/nix/store/zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz-late')");
        using (var writer = New("a"))
        {
            Assert.NotNull(HydraImport.From(writer, hydra.Database).Run());
            Assert.Equal(CountIn(hydra), writer.Manifest[CatalogTable.Hydra].Rows);
            Assert.Equal(1, writer.Session.QueryNumber("SELECT count(*) FROM hydra WHERE pname = 'late'"));
        }

        // What Hydra has forgotten is known until everything is read anew.
        hydra.Execute("delete from buildstepoutputs where build < 20");
        using (var writer = New("a"))
        {
            Assert.Null(HydraImport.From(writer, hydra.Database).Run());
            HydraImport.From(writer, hydra.Database, all: true).Run();
            Assert.Equal(CountIn(hydra), writer.Manifest[CatalogTable.Hydra].Rows);
        }
    }

    [SkippableFact]
    public void IsContinuedAfterAKillAndGivesTheSameBytes() => Kill(2);

    [SkippableFact]
    [Trait("Category", "Soak")]
    public void IsContinuedAfterKillsAtAHundredMoments() => Kill(100);

    private void Kill(int kills)
    {
        var hydra = server.NewHydra().AddBuilds(1, 6000);
        var wanted = KilledRun.Undisturbed(_directory / "whole", out var time, "hydra", _directory / "whole", hydra.Url, "500");
        for (var n = 0; n < kills; n++)
        {
            var name = _directory / $"broken-{n}";
            Assert.Equal(wanted, KilledRun.Killed(name, time * (0.3 + (0.7 * n / kills)), "hydra", name, hydra.Url, "500"));
        }
    }

    [SkippableFact]
    public void ReadsDumpsThatPostgresHasMade()
    {
        var hydra = server.NewHydra().AddBuilds(1, 50);
        using var connection = new Npgsql.NpgsqlConnection($"Host=127.0.0.1;Port={new Uri(hydra.Url).Port};Username=postgres;Database={new Uri(hydra.Url).AbsolutePath[1..]}");
        connection.Open();
        foreach (var (name, form) in new[] { ("a.csv", "csv, header"), ("b.csv", "csv"), ("c.tsv", "text"), ("d.csv", "csv, header, force_quote (path)") })
        {
            using var text = connection.BeginTextExport($"copy buildstepoutputs to stdout (format {form})");
            File.WriteAllText(_directory / name, text.ReadToEnd());
        }

        Compress("a.csv", "e.csv.gz", stream => new GZipStream(stream, CompressionLevel.Fastest));
        Compress("b.csv", "f.csv.zst", stream => NixStore.Caches.Compression.NarCodec.OpenEncoder(NixStore.Caches.Compression.NarCompression.Zstd, stream, null, "f"));
        using (var writer = New("database"))
        {
            HydraImport.From(writer, hydra.Database).Run();
        }

        foreach (var name in new[] { "a.csv", "b.csv", "c.tsv", "d.csv", "e.csv.gz", "f.csv.zst" })
        {
            using var writer = New("dump-" + name);
            HydraImport.From(writer, [_directory / name]).Run();
            Assert.Equal(CountIn(hydra), writer.Manifest[CatalogTable.Hydra].Rows);
            Assert.Equal(0, writer.Session.QueryNumber($"SELECT count(*) FROM (SELECT hash, pname, build, stepnr, name FROM hydra EXCEPT SELECT hash, pname, build, stepnr, name FROM read_parquet('{_directory / "database"}/hydra/*.parquet'))"));
            Assert.Null(HydraImport.From(writer, [_directory / name]).Run());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello\nworld\n")]
    [InlineData("build,stepnr,name\n1,2,out\n")]
    [InlineData("build,stepnr,name,path,path\n1,2,out,x,y\n")]
    [InlineData("1,2,out,/nix/store/x\nbroken line\n")]
    [InlineData("build,stepnr,name,path\nx,2,out,/nix/store/00000000000000000000000000000000-a\n")]
    public void RefusesWhatIsNoDump(string text)
    {
        File.WriteAllText(_directory / "x.csv", text);
        using var writer = New("a");
        var error = Assert.ThrowsAny<NixStoreException>(() => HydraImport.From(writer, [_directory / "x.csv"]).Run());
        Assert.Equal("HydraDumpCorrupt", error.ErrorId);
        Assert.Equal(0, writer.Manifest[CatalogTable.Hydra].Rows);
    }

    [Fact]
    public void RefusesDumpsThatAreCutOffOrMissing()
    {
        using (var file = File.Create(_directory / "x.csv.gz"))
        using (var gzip = new GZipStream(file, CompressionLevel.NoCompression))
        {
            gzip.Write(System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i},1,out,/nix/store/{i:D32}-a\n"))));
        }

        var bytes = File.ReadAllBytes(_directory / "x.csv.gz");
        File.WriteAllBytes(_directory / "x.csv.gz", bytes[..(bytes.Length / 2)]);
        using var writer = New("a");
        Assert.Equal("HydraDumpCorrupt", Assert.ThrowsAny<NixStoreException>(() => HydraImport.From(writer, [_directory / "x.csv.gz"]).Run()).ErrorId);
        Assert.Equal("HydraDumpNotFound", Assert.ThrowsAny<NixStoreException>(() => HydraImport.From(writer, [_directory / "y.csv"])).ErrorId);
        Assert.Equal(0, writer.Manifest[CatalogTable.Hydra].Rows);
    }

    [SkippableFact]
    public void SaysWhatIsWrongWithTheDatabase()
    {
        var hydra = server.NewHydra();
        using var writer = New("a");
        string Id(string url) => Assert.ThrowsAny<NixStoreException>(() => HydraImport.From(writer, HydraDatabase.Parse(url)).Run()).ErrorId;
        Assert.Equal("HydraDatabaseMissing", Id(hydra.Url + "x"));
        Assert.Equal("HydraAccessDenied", Id(hydra.Url.Replace("postgres@", "nobody@", StringComparison.Ordinal)));
        hydra.Execute("drop table buildstepoutputs");
        Assert.Equal("HydraTableMissing", Id(hydra.Url));
    }

    [SkippableFact]
    public void ReadsAnEmptyHydra()
    {
        using var writer = New("a");
        Assert.True(HydraImport.From(writer, server.NewHydra().Database).Run()!.IsComplete);
        Assert.Equal(0, writer.Manifest[CatalogTable.Hydra].Rows);
    }

    private static long CountIn(HydraLab hydra) => hydra.Ask<long>("select count(distinct substr(path, 12, 32)) from buildstepoutputs where path is not null");

    private CatalogWriter New(string name) => CatalogWriter.Open(_directory / name, new CatalogManifest());

    private void Compress(string from, string to, Func<Stream, Stream> codec)
    {
        using var file = File.Create(_directory / to);
        using var stream = codec(file);
        stream.Write(File.ReadAllBytes(_directory / from));
    }
}
