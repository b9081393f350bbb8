using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Bench.Catalogs;

/// <summary>Writes the table <c>objects</c> of a catalog as reports of S3 Inventory, in the layout that S3 gives them: <c>cache/csv</c> and <c>cache/parquet</c>.</summary>
public static class InventoryWriter
{
    private const string Bucket = "cache";
    private const string Schema = "Bucket, Key, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded";

    private static readonly DateTimeOffset s_created = new(2026, 1, 6, 1, 13, 0, TimeSpan.Zero);

    /// <summary>Writes both.</summary>
    public static void Write(CatalogWriter writer, string directory)
    {
        var parts = writer.ToCatalog().PathsOf(CatalogTable.Objects);
        Write(writer, parts, Path.Combine(directory, Bucket, "csv"), "csv", "CSV", ".csv.gz", """
            SELECT 'cache' AS bucket, replace(url_encode(key), '%2F', '/') AS key, size::VARCHAR AS size, strftime(last_modified_date, '%Y-%m-%dT%H:%M:%S.000Z') AS last_modified_date,
                   e_tag, storage_class, 'false' AS is_multipart_uploaded FROM read_parquet({0})
            """, "(FORMAT csv, HEADER false, FORCE_QUOTE *, COMPRESSION gzip)");
        Write(writer, parts, Path.Combine(directory, Bucket, "parquet"), "parquet", "Parquet", ".parquet", """
            SELECT 'cache' AS bucket, key, size, date_trunc('second', last_modified_date)::TIMESTAMP_MS AS last_modified_date, e_tag, storage_class, false AS is_multipart_uploaded FROM read_parquet({0})
            """, "(FORMAT parquet)");
    }

    private static void Write(
        CatalogWriter writer, IReadOnlyList<string> parts, string directory, string configuration, string format, string extension, string select, string options)
    {
        Directory.CreateDirectory(Path.Combine(directory, "data"));
        var files = new List<string>();
        foreach (var part in parts)
        {
            var name = Path.GetFileNameWithoutExtension(part) + extension;
            var path = Path.Combine(directory, "data", name);
            writer.Session.Execute($"COPY ({string.Format(CultureInfo.InvariantCulture, select, DuckSession.Quote(part))}) TO {DuckSession.Quote(path)} {options}");
            using var file = File.OpenRead(path);
            files.Add($$"""{ "key": "inventory/{{Bucket}}/{{configuration}}/data/{{name}}", "size": {{file.Length}}, "MD5checksum": "{{Digest(MD5.HashData(file))}}" }""");
        }

        var manifest = Encoding.UTF8.GetBytes($$"""
            { "sourceBucket": "{{Bucket}}", "destinationBucket": "arn:aws:s3:::inventories", "version": "2016-11-30",
              "creationTimestamp": "{{s_created.ToUnixTimeMilliseconds()}}", "fileFormat": "{{format}}", "fileSchema": "{{Schema}}",
              "files": [
                {{string.Join(",\n    ", files)}} ] }
            """);
        var folder = Directory.CreateDirectory(Path.Combine(directory, s_created.ToString("yyyy-MM-dd'T'HH-mm'Z'", CultureInfo.InvariantCulture))).FullName;
        File.WriteAllBytes(Path.Combine(folder, "manifest.json"), manifest);
        File.WriteAllText(Path.Combine(folder, "manifest.checksum"), Digest(MD5.HashData(manifest)));
    }

    private static string Digest(byte[] hash) => Convert.ToHexStringLower(hash);
}
