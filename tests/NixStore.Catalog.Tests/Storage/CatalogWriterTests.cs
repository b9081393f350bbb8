using System.Security.Cryptography;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Storage;

public sealed class CatalogWriterTests : IDisposable
{
    private const string Finding = "SELECT 'k' AS key, 'Kind' AS kind, 'd' AS detail, NULL::VARCHAR AS e_tag";

    private readonly TemporaryDirectory _directory = new();

    private string Folder => _directory / "cache.catalog";

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_new_catalog_has_all_tables_and_nothing_in_them()
    {
        using (CatalogWriter.Open(Folder, new CatalogManifest { Cache = "https://cache.nixos.org" }))
        {
        }

        var catalog = CacheCatalog.Open(Folder);
        Assert.Equal("https://cache.nixos.org", catalog.Manifest.Cache);
        Assert.Equal("/nix/store", catalog.Manifest.StoreDirectory);
        using var session = catalog.OpenSession();
        foreach (var table in CatalogTable.All)
        {
            Assert.Equal(0, session.QueryNumber($"SELECT count(*) FROM {table}"));
        }
    }

    [Fact]
    public void A_step_is_seen_when_it_is_committed_and_not_before()
    {
        using var writer = CatalogWriter.Open(Folder, new CatalogManifest());
        var step = writer.BeginStep();
        Assert.Equal(1, step.Write(CatalogTable.Findings, Finding));
        Assert.Empty(CacheCatalog.Open(Folder).Manifest[CatalogTable.Findings].Parts);
        Assert.Equal(0, writer.Session.QueryNumber("SELECT count(*) FROM findings"));

        step.Commit();
        var part = Assert.Single(CacheCatalog.Open(Folder).Manifest[CatalogTable.Findings].Parts);
        Assert.Equal(("000001.parquet", 1L), (part.Name, part.Rows));
        Assert.Equal(new FileInfo(Path.Combine(Folder, "findings", part.Name)).Length, part.Bytes);
        Assert.Equal(1, writer.Session.QueryNumber("SELECT count(*) FROM findings"));
    }

    [Theory]
    [InlineData("date=2026/cache.catalog")]
    [InlineData("it's [one]/*?.catalog")]
    [InlineData("größe {x,y} \\\"\"/c")]
    public void What_its_folder_is_called_does_not_matter(string name)
    {
        var folder = _directory / name;
        using (var writer = CatalogWriter.Open(folder, new CatalogManifest()))
        {
            var step = writer.BeginStep();
            step.Write(CatalogTable.Findings, Finding);
            step.Write(CatalogTable.Findings, Finding);
            step.Commit();
        }

        using var session = CacheCatalog.Open(folder).OpenSession();
        using var rows = session.Query("SELECT * FROM findings");
        Assert.Equal(4, rows.ColumnCount);
        Assert.True(rows.Read() && rows.Read());
        Assert.False(rows.Read());
    }

    [Fact]
    public void A_part_is_known_by_its_contents()
    {
        using var writer = CatalogWriter.Open(Folder, new CatalogManifest());
        var step = writer.BeginStep();
        step.Write(CatalogTable.Findings, Finding);
        step.Commit();
        var part = Assert.Single(writer.Manifest[CatalogTable.Findings].Parts);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder, "findings", part.Name)))), part.Sha256);
    }

    [Fact]
    public void Nothing_makes_no_part()
    {
        using var writer = CatalogWriter.Open(Folder, new CatalogManifest());
        var step = writer.BeginStep();
        Assert.Equal(0, step.Write(CatalogTable.Findings, Finding + " WHERE false"));
        step.Commit();
        Assert.Empty(writer.Manifest[CatalogTable.Findings].Parts);
        Assert.Empty(Directory.GetFiles(Path.Combine(Folder, "findings")));
    }

    [Fact]
    public void What_a_killed_run_has_left_is_removed_by_the_next_and_its_numbers_are_used_again()
    {
        using (var writer = CatalogWriter.Open(Folder, new CatalogManifest()))
        {
            writer.BeginStep().Write(CatalogTable.Findings, Finding);
            File.WriteAllText(Path.Combine(Folder, "catalog.json.new"), "half of it");
            Directory.CreateDirectory(Path.Combine(Folder, "spill-2147483646-1"));
        }

        using (var writer = CatalogWriter.Open(Folder))
        {
            Assert.Empty(Directory.GetFiles(Path.Combine(Folder, "findings")));
            Assert.Empty(Directory.GetDirectories(Folder, "spill-*"));
            var step = writer.BeginStep();
            step.Write(CatalogTable.Findings, Finding);
            step.Commit();
        }

        Assert.Equal("000001.parquet", Assert.Single(CacheCatalog.Open(Folder).Manifest[CatalogTable.Findings].Parts).Name);
    }

    [Fact]
    public void A_dropped_part_stays_until_the_next_writer_for_those_who_read_it()
    {
        using (var writer = CatalogWriter.Open(Folder, new CatalogManifest()))
        {
            var step = writer.BeginStep();
            step.Write(CatalogTable.Findings, Finding);
            step.Commit();
        }

        var before = CacheCatalog.Open(Folder);
        using (var writer = CatalogWriter.Open(Folder))
        {
            var step = writer.BeginStep();
            step.Drop(CatalogTable.Findings, _ => true);
            step.Write(CatalogTable.Findings, Finding);
            step.Commit();
        }

        using (var session = before.OpenSession())
        {
            Assert.Equal(1, session.QueryNumber("SELECT count(*) FROM findings"));
        }

        using (CatalogWriter.Open(Folder))
        {
        }

        Assert.Equal("000002.parquet", Path.GetFileName(Assert.Single(Directory.GetFiles(Path.Combine(Folder, "findings")))));
    }

    [Fact]
    public void Two_cannot_write_at_once_but_one_can_read()
    {
        using var writer = CatalogWriter.Open(Folder, new CatalogManifest());
        Assert.Equal("CatalogLocked", Assert.Throws<NixStoreException>(() => CatalogWriter.Open(Folder)).ErrorId);
        CacheCatalog.Open(Folder);
    }

    [Fact]
    public void What_is_no_catalog_is_refused()
    {
        Assert.Equal("CatalogNotFound", Assert.Throws<NixStoreException>(() => CacheCatalog.Open(Folder)).ErrorId);
        Assert.Equal("CatalogNotFound", Assert.Throws<NixStoreException>(() => CatalogWriter.Open(Folder)).ErrorId);

        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "thesis.txt"), "");
        Assert.Equal("CatalogFolderNotEmpty", Assert.Throws<NixStoreException>(() => CatalogWriter.Open(Folder, new CatalogManifest())).ErrorId);

        File.WriteAllText(Path.Combine(Folder, "catalog.json"), "{ \"format\": 1, ");
        Assert.Equal("CatalogCorrupt", Assert.Throws<NixStoreException>(() => CacheCatalog.Open(Folder)).ErrorId);

        File.WriteAllText(Path.Combine(Folder, "catalog.json"), "{ \"format\": 99 }");
        Assert.Equal("CatalogTooNew", Assert.Throws<NixStoreException>(() => CacheCatalog.Open(Folder)).ErrorId);
    }

    [Fact]
    public void Names_are_split_as_nix_does_by_the_engine_and_by_us()
    {
        using (CatalogWriter.Open(Folder, new CatalogManifest()))
        {
        }

        using var session = CacheCatalog.Open(Folder).OpenSession();
        foreach (var (name, package, version) in new[]
        {
            ("hello-2.10", "hello", "2.10"), ("hello", "hello", ""), ("gcc-wrapper-12.3.0-lib", "gcc-wrapper", "12.3.0-lib"), ("nixos-system-x-23.11", "nixos-system-x", "23.11"),
            ("a-", "a-", ""), ("a--1", "a", "-1"), ("x-1-", "x", "1-"), ("7zip-16", "7zip", "16"), ("foo-_1", "foo", "_1"), ("foo-+", "foo", "+"), ("source-.tar", "source", ".tar"),
        })
        {
            using var rows = session.Query("SELECT package_name($1), package_version($1)", default, name);
            Assert.True(rows.Read());
            Assert.Equal((package, version), (rows.GetText(0), rows.GetText(1)));
            var start = NixPackageName.VersionStart(name);
            Assert.Equal((package, version), (name[..start], start < name.Length ? name[(start + 1)..] : ""));
        }
    }
}
