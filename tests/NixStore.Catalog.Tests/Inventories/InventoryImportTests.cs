using NixStore.Catalog.Inventories;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Inventories;

public sealed class InventoryImportTests : IDisposable
{
    private const string Hash = "00bgd045z0d4icpbc2yyz4gx48ak44la";

    private readonly TemporaryDirectory _directory = new();

    private string Folder => _directory / "cache.catalog";

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Csv_is_read_by_names_with_its_keys_decoded()
    {
        var inventory = new SampleInventory(_directory.Path).Add("1.csv.gz", SampleInventory.Csv(
            ["cache", $"{Hash}.narinfo", "700", "2024-08-21T15:28:26.000Z", "0123456789abcdef0123456789abcdef", "STANDARD"],
            ["cache", "log/gtk%2B3-%C3%BC%20x+y%25.drv", "12", "2024-08-21T15:28:27.123Z", "e-2", "STANDARD_IA"],
            ["cache", "quoted%22%2C.txt", "0", "", "", ""]));
        var import = Import(inventory.Write());
        Assert.Equal([3L], import!.Files.Select(file => file.Rows));
        Assert.Null(import.Difference);

        using var session = CacheCatalog.Open(Folder).OpenSession();
        using var rows = session.Query("SELECT key, size, last_modified_date, e_tag, storage_class, is_latest FROM objects");
        Assert.True(rows.Read());
        Assert.Equal(($"{Hash}.narinfo", 700L), (rows.GetText(0), rows.GetInt64(1)));
        Assert.Equal(new DateTimeOffset(2024, 8, 21, 15, 28, 26, TimeSpan.Zero), rows.GetTime(2));
        Assert.Equal(("0123456789abcdef0123456789abcdef", "STANDARD"), (rows.GetText(3), rows.GetText(4)));
        Assert.True(rows.IsNull(5));
        Assert.True(rows.Read());
        Assert.Equal("log/gtk+3-ü x y%.drv", rows.GetText(0));
        Assert.Equal(123, rows.GetTime(2).Millisecond);
        Assert.True(rows.Read());
        Assert.Equal("quoted\",.txt", rows.GetText(0));
        Assert.True(rows.IsNull(2) && rows.IsNull(3) && rows.IsNull(4));
    }

    [Fact]
    public void Csv_may_have_all_columns_in_any_order()
    {
        var inventory = new SampleInventory(_directory.Path)
        {
            Schema = "ObjectOwner, IsLatest, VersionId, IsDeleteMarker, ETag, Key, Bucket, Size, LastModifiedDate, StorageClass, IsMultipartUploaded, ReplicationStatus, "
                + "EncryptionStatus, ObjectLockRetainUntilDate, ObjectLockMode, ObjectLockLegalHoldStatus, IntelligentTieringAccessTier, BucketKeyStatus, "
                + "ChecksumAlgorithm, ObjectAccessControlList, LifecycleExpirationDate, SomethingNew",
        };
        inventory.Add("1.csv.gz", SampleInventory.Csv(
            ["me", "true", "v2", "false", "e", "nar/x.nar", "cache", "5", "2024-08-21T15:28:26.000Z", "GLACIER", "true", "COMPLETED", "SSE-S3", "2027-01-01T00:00:00.000Z", "GOVERNANCE", "OFF", "FREQUENT", "DISABLED", "CRC32", "", "2028-01-01T00:00:00.000Z", "?"],
            ["me", "false", "v1", "false", "d", "nar/x.nar", "cache", "4", "2024-08-20T15:28:26.000Z", "STANDARD", "false", "", "", "", "", "", "", "", "", "", "", ""],
            ["me", "true", "v3", "true", "", "nar/y.nar", "cache", "", "2024-08-22T15:28:26.000Z", "", "", "", "", "", "", "", "", "", "", "", "", ""]));
        Import(inventory.Write());
        using var session = CacheCatalog.Open(Folder).OpenSession();
        using var rows = session.Query("SELECT key, version_id, is_latest, is_delete_marker, size, object_owner, is_multipart_uploaded, object_lock_retain_until_date, lifecycle_expiration_date, checksum_algorithm FROM objects");
        Assert.True(rows.Read());
        Assert.Equal(("nar/x.nar", "v2", true, false, 5L, "me", true), (rows.GetText(0), rows.GetText(1), rows.GetBoolean(2), rows.GetBoolean(3), rows.GetInt64(4), rows.GetText(5), rows.GetBoolean(6)));
        Assert.Equal((2027, 2028, "CRC32"), (rows.GetTime(7).Year, rows.GetTime(8).Year, rows.GetText(9)));
        Assert.True(rows.Read() && !rows.GetBoolean(2));
        Assert.True(rows.Read() && rows.GetBoolean(3) && rows.IsNull(4));
    }

    [Fact]
    public void Parquet_is_read_by_names_and_its_keys_as_they_are()
    {
        var inventory = new SampleInventory(_directory.Path) { Format = "Parquet", Schema = "message s3.inventory { required binary bucket (STRING); }" };
        inventory.Add("1.parquet", SampleInventory.Parquet("SELECT 'log/gtk+%2B.drv' AS key, 'cache' AS bucket, 12::BIGINT AS size, TIMESTAMP '2024-08-21 15:28:26'::TIMESTAMP_MS AS last_modified_date"))
            .Add("2.parquet", SampleInventory.Parquet("SELECT 'STANDARD' AS storage_class, 'cache' AS bucket, 'b' AS key"));
        Import(inventory.Write());
        using var session = CacheCatalog.Open(Folder).OpenSession();
        using var rows = session.Query("SELECT key, size, storage_class FROM objects");
        Assert.True(rows.Read());
        Assert.Equal(("log/gtk+%2B.drv", 12L, true), (rows.GetText(0), rows.GetInt64(1), rows.IsNull(2)));
        Assert.True(rows.Read());
        Assert.Equal(("b", true, "STANDARD"), (rows.GetText(0), rows.IsNull(1), rows.GetText(2)));
    }

    [Fact]
    public void Orc_is_refused_with_the_remedy()
    {
        var path = new SampleInventory(_directory.Path) { Format = "ORC" }.Write();
        var error = Assert.Throws<NixStoreException>(() => InventoryImport.Find(path));
        Assert.Equal("InventoryFormatNotSupported", error.ErrorId);
        Assert.Contains("Parquet", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_later_report_replaces_the_one_before_and_says_how_they_differ()
    {
        string[] Row(string key, string size, string tag) => ["cache", key, size, "2024-08-21T15:28:26.000Z", tag, "STANDARD"];
        new SampleInventory(_directory.Path).Add("1.csv.gz", SampleInventory.Csv(Row("a", "1", "x"), Row("b", "1", "x"), Row("c", "1", "x"))).Write();
        new SampleInventory(_directory.Path, "2026-01-07T01-13Z", 1767748380000).Add("2.csv.gz", SampleInventory.Csv(Row("a", "1", "x"), Row("b", "1", "y"), Row("d", "1", "x"), Row("e", "1", "x"))).Write();
        using (var writer = CatalogWriter.Open(Folder, new CatalogManifest()))
        {
            var imports = InventoryImport.Find(_directory.Path);
            Assert.Equal(2, imports.Count);
            Assert.Null(imports[0].Run(writer)!.Difference);
            Assert.Equal(new CatalogDifference(Added: 2, Changed: 1, Removed: 1, Unchanged: 1), imports[1].Run(writer)!.Difference);
            Assert.Null(imports[1].Run(writer));
            Assert.Null(imports[0].Run(writer));
            Assert.Equal(4, writer.Manifest[CatalogTable.Objects].Rows);
        }

        using (CatalogWriter.Open(Folder))
        {
        }

        Assert.Single(Directory.GetFiles(Path.Combine(Folder, "objects")));
    }

    [Theory]
    [InlineData("md5")]
    [InlineData("size")]
    [InlineData("truncated")]
    [InlineData("noGzip")]
    [InlineData("noNumber")]
    [InlineData("noTime")]
    [InlineData("fewerColumns")]
    [InlineData("noParquet")]
    public void A_damaged_file_is_an_error_and_the_report_before_stays(string damage)
    {
        string[] Row(string key, string size, string time) => ["cache", key, size, time, "x", "STANDARD"];
        var good = SampleInventory.Csv(Row("a", "1", "2024-08-21T15:28:26.000Z"));
        Import(new SampleInventory(_directory.Path).Add("1.csv.gz", good).Write());

        var rows = Enumerable.Range(0, 50_000).Select(i => Row($"key{i * 7919}", i.ToString(), "2024-08-21T15:28:26.000Z"));
        var bytes = damage switch
        {
            "truncated" => SampleInventory.Csv(rows)[..^5000],
            "noGzip" => "cache,a,1"u8.ToArray(),
            "noNumber" => SampleInventory.Csv(Row("a", "one", "2024-08-21T15:28:26.000Z")),
            "noTime" => SampleInventory.Csv(Row("a", "1", "yesterday")),
            "fewerColumns" => SampleInventory.Csv(["cache", "a"]),
            _ => SampleInventory.Csv(rows),
        };
        var second = new SampleInventory(_directory.Path, "2026-01-07T01-13Z", 1767748380000) { Format = damage == "noParquet" ? "Parquet" : "CSV" };
        second.Add("0.csv.gz", damage == "noParquet" ? SampleInventory.Parquet("SELECT 'b' AS key") : good).Add("2.csv.gz", bytes);
        second.Write(manifest => damage switch
        {
            "md5" => manifest.Replace(Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(bytes)), new string('0', 32), StringComparison.Ordinal),
            "size" => manifest.Replace($"\"size\": {bytes.Length}", $"\"size\": {bytes.Length + 1}", StringComparison.Ordinal),
            _ => manifest,
        });

        using var writer = CatalogWriter.Open(Folder);
        var error = Assert.Throws<NixStoreException>(() => InventoryImport.Find(second.ManifestPath)[0].Run(writer));
        Assert.Equal("InventoryFileCorrupt", error.ErrorId);
        Assert.Contains("2.csv.gz", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, writer.Session.QueryNumber("SELECT count(*) FROM objects"));
        Assert.Equal(1, CacheCatalog.Open(Folder).Manifest[CatalogTable.Objects].Rows);
    }

    [Fact]
    public void A_damaged_import_goes_on_when_the_file_is_whole_again()
    {
        var inventory = new SampleInventory(_directory.Path)
            .Add("1.csv.gz", SampleInventory.Csv(["cache", "a", "1", "", "", ""])).Add("2.csv.gz", SampleInventory.Csv(["cache", "b", "1", "", "", ""]));
        var path = inventory.Write();
        var second = Path.Combine(_directory.Path, "cache", "daily", "data", "2.csv.gz");
        File.Delete(second);
        using (var writer = CatalogWriter.Open(Folder, new CatalogManifest()))
        {
            Assert.Equal("InventoryFileMissing", Assert.Throws<NixStoreException>(() => InventoryImport.Find(path)[0].Run(writer)).ErrorId);
        }

        inventory.Write();
        File.Delete(Path.Combine(_directory.Path, "cache", "daily", "data", "1.csv.gz"));
        Import(path);
        Assert.Equal(2, CacheCatalog.Open(Folder).Manifest[CatalogTable.Objects].Rows);
    }

    [Fact]
    public void A_manifest_that_is_not_what_its_checksum_says_is_refused()
    {
        var path = new SampleInventory(_directory.Path).Write(checksum: new string('0', 32));
        Assert.Equal("InventoryFileCorrupt", Assert.Throws<NixStoreException>(() => InventoryImport.Find(path)).ErrorId);
    }

    [Theory]
    [InlineData("not json", "InventoryManifestInvalid")]
    [InlineData("[]", "InventoryManifestInvalid")]
    [InlineData("{}", "InventoryManifestInvalid")]
    [InlineData("""{ "sourceBucket": "b", "fileFormat": "CSV", "creationTimestamp": "x", "files": [] }""", "InventoryManifestInvalid")]
    [InlineData("""{ "sourceBucket": "b", "fileFormat": "CSV", "creationTimestamp": "1", "files": [ { "size": 1 } ] }""", "InventoryManifestInvalid")]
    [InlineData("""{ "sourceBucket": "b", "fileFormat": "CSV", "creationTimestamp": "1", "files": 7 }""", "InventoryManifestInvalid")]
    public void A_manifest_that_is_none_is_refused(string text, string errorId)
    {
        var path = new SampleInventory(_directory.Path).Write(_ => text);
        Assert.Equal(errorId, Assert.Throws<NixStoreException>(() => InventoryImport.Find(path)).ErrorId);
    }

    [Fact]
    public void Without_keys_there_is_no_inventory()
    {
        var path = new SampleInventory(_directory.Path) { Schema = "Bucket, Size" }.Add("1.csv.gz", SampleInventory.Csv(["cache", "1"])).Write();
        using var writer = CatalogWriter.Open(Folder, new CatalogManifest());
        Assert.Equal("InventoryColumnMissing", Assert.Throws<NixStoreException>(() => InventoryImport.Find(path)[0].Run(writer)).ErrorId);
    }

    [Fact]
    public void A_key_of_a_data_file_leads_nowhere_else()
    {
        File.WriteAllBytes(_directory / "secret.csv.gz", SampleInventory.Csv(["cache", "a", "1", "", "", ""]));
        var path = new SampleInventory(_directory.Path).Add("1.csv.gz", []).Write(manifest => manifest.Replace("prefix/cache/daily/data/1.csv.gz", "../../../secret.csv.gz", StringComparison.Ordinal));
        using var writer = CatalogWriter.Open(Folder, new CatalogManifest());
        Assert.Equal("InventoryFileMissing", Assert.Throws<NixStoreException>(() => InventoryImport.Find(path)[0].Run(writer)).ErrorId);
    }

    [Fact]
    public void There_may_be_no_inventory_at_all()
    {
        Assert.Equal("InventoryNotFound", Assert.Throws<NixStoreException>(() => InventoryImport.Find(_directory.Path)).ErrorId);
        Assert.Equal("InventoryNotFound", Assert.Throws<NixStoreException>(() => InventoryImport.Find(_directory / "manifest.json")).ErrorId);
    }

    private CatalogImport? Import(string path)
    {
        using var writer = CatalogWriter.Open(Folder, new CatalogManifest());
        return InventoryImport.Find(path)[0].Run(writer);
    }
}
