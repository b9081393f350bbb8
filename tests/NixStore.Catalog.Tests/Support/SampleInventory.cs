using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.Tests.Support;

/// <summary>Writes a report as S3 does.</summary>
internal sealed class SampleInventory(string directory, string date = "2026-01-06T01-13Z", long created = 1767661980000)
{
    public List<(string Name, byte[] Bytes)> Files { get; } = [];

    public string Format { get; set; } = "CSV";

    public string Schema { get; set; } = "Bucket, Key, Size, LastModifiedDate, ETag, StorageClass";

    public string ManifestPath => Path.Combine(directory, "cache", "daily", date, "manifest.json");

    public static byte[] Csv(params IEnumerable<string[]> rows)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var row in rows)
            {
                gzip.Write(Encoding.UTF8.GetBytes(string.Join(',', row.Select(value => $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + "\n"));
            }
        }

        return buffer.ToArray();
    }

    public static byte[] Parquet(string select)
    {
        using var directory = new TemporaryDirectory();
        using var session = new DuckSession(new DuckOptions { TemporaryDirectory = directory / "spill" });
        session.Execute($"COPY ({select}) TO {DuckSession.Quote(directory / "x.parquet")} (FORMAT parquet)");
        return File.ReadAllBytes(directory / "x.parquet");
    }

    public SampleInventory Add(string name, byte[] bytes)
    {
        Files.Add((name, bytes));
        return this;
    }

    /// <summary>Writes it; each entry of a file can be changed first.</summary>
    public string Write(Func<string, string>? changeManifest = null, string? checksum = null)
    {
        var data = Directory.CreateDirectory(Path.Combine(directory, "cache", "daily", "data")).FullName;
        Directory.CreateDirectory(Path.GetDirectoryName(ManifestPath)!);
        var entries = Files.Select(file => $$"""{ "key": "prefix/cache/daily/data/{{file.Name}}", "size": {{file.Bytes.Length}}, "MD5checksum": "{{Convert.ToHexStringLower(MD5.HashData(file.Bytes))}}" }""");
        foreach (var (name, bytes) in Files)
        {
            File.WriteAllBytes(Path.Combine(data, name), bytes);
        }

        var manifest = $$"""
            { "sourceBucket": "cache", "destinationBucket": "arn:aws:s3:::inventories", "version": "2016-11-30", "creationTimestamp": "{{created}}",
              "fileFormat": "{{Format}}", "fileSchema": "{{Schema}}", "files": [ {{string.Join(", ", entries)}} ] }
            """;
        manifest = changeManifest?.Invoke(manifest) ?? manifest;
        File.WriteAllText(ManifestPath, manifest);
        File.WriteAllText(Path.ChangeExtension(ManifestPath, ".checksum"), checksum ?? Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(manifest))) + "\n");
        return ManifestPath;
    }
}
