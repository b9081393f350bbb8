using System.IO.Compression;
using System.Text;
using NixStore.Catalog.AccessLogs;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.AccessLogs;

public sealed class AccessLogImportTests : IDisposable
{
    private const string Owner = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
    private static readonly string s_a = CatalogRows.Hash("a");
    private static readonly string s_b = CatalogRows.Hash("b");
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void ReadsS3()
    {
        Import($"""
            {Owner} cache [06/Feb/2026:00:00:38 +0000] 192.0.2.3 {Owner} 3E57427F3EXAMPLE REST.GET.OBJECT {s_a}.narinfo "GET /cache/{s_a}.narinfo HTTP/1.1" 200 - 113 - 7 - "-" "Nix/2.34" -
            {Owner} cache [06/Feb/2026:00:00:39 +0000] 192.0.2.3 - 3E57427F3EXAMPLE REST.HEAD.OBJECT {s_a}.narinfo "HEAD /cache/{s_a}.narinfo HTTP/1.1" 200 - - - 7 - "-" "Nix/2.34" -
            {Owner} cache [06/Feb/2026:00:00:40 +0000] 192.0.2.3 - 3E57427F3EXAMPLE REST.GET.OBJECT nar/a.nar.xz "GET /cache/nar/a.nar.xz HTTP/1.1" 206 - 113 9 7 - "-" "Nix/2.34" -
            {Owner} cache [07/Feb/2026:00:00:38 +0000] 192.0.2.3 {Owner} 3E57427F3EXAMPLE REST.PUT.OBJECT {s_a}.narinfo "PUT /cache/{s_a}.narinfo HTTP/1.1" 200 - 113 - 7 - "-" "Nix/2.34" -
            {Owner} cache [07/Feb/2026:00:00:38 +0000] 192.0.2.3 - 3E57427F3EXAMPLE REST.GET.OBJECT {s_a}.narinfo "GET /cache/{s_a}.narinfo HTTP/1.1" 403 AccessDenied 113 - 7 - "-" "Nix/2.34" -
            {Owner} cache [07/Feb/2026:00:00:38 +0000] - AmazonS3 3E57427F3EXAMPLE S3.EXPIRE.OBJECT {s_a}.narinfo - - - - - - - - - -
            """, new AccessLogResult(1, 0, 6, 3, 0, 0), (s_a, "2026-02-06T00:00:40", 3, 1), (s_b, "2026-02-06T00:00:40", 1, 1));
    }

    [Fact]
    public void ReadsCloudFront()
    {
        Import($"#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status\n"
            + $"2026-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td1.cloudfront.net\t/{s_a}.narinfo\t200\t-\tNix\t-\n"
            + $"2026-12-05\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td1.cloudfront.net\t/{s_a}.narinfo\t404\t-\tNix\t-\n",
            new AccessLogResult(1, 0, 2, 1, 0, 0), (s_a, "2026-12-04T21:02:31", 1, 0));
    }

    [Fact]
    public void ReadsFastly()
    {
        // As cache.nixos.org has them: what comes from a shield's request to itself counts once.
        string Line(string edge, string url, string time) =>
            $$"""{"asn": 3320,"elapsed_usec": 12,"fastly_is_edge": {{edge}},"fastly_server": "x","request_method": "GET","response_status": "200","timestamp": "{{time}}","url": "{{url}}"}""" + "\n";
        Import(Line("true", $"/{s_a}.narinfo", "2026-01-01T10:00:00+0000") + Line("false", $"/{s_a}.narinfo", "2026-01-01T10:00:09+0000") + Line("true", "/nar/a.nar.xz", "2026-01-01T10:00:01+0000")
            + Line("true", "/nar/other.nar.xz", "2026-01-01T10:00:01+0000"),
            new AccessLogResult(1, 0, 4, 3, 1, 0), (s_a, "2026-01-01T10:00:01", 2, 1), (s_b, "2026-01-01T10:00:01", 1, 1));
    }

    [Fact]
    public void ReadsNginx()
    {
        Import($"""
            127.0.0.1 - - [10/Oct/2026:13:55:36 +0200] "GET /{s_a}.narinfo HTTP/1.1" 200 2326 "-" "curl/8 \x22"
            127.0.0.1 - - [10/Oct/2026:13:55:37 +0200] "GET /prefix/{s_a}.narinfo?x=1 HTTP/2.0" 304 0
            127.0.0.1 - - [11/Oct/2026:13:55:36 +0200] "GET /{s_a}.narinfo HTTP/1.1" 404 2326 "-" "curl/8"
            127.0.0.1 - - [11/Oct/2026:13:55:36 +0200] "GET /{s_a}.ls HTTP/1.1" 200 2326 "-" "curl/8"
            """, new AccessLogResult(1, 0, 4, 2, 0, 0), (s_a, "2026-10-10T11:55:37", 2, 0));
    }

    [Fact]
    public void HostileLinesAreCountedOrPassedOver()
    {
        var bytes = new List<byte>();
        void Add(string line) => bytes.AddRange([.. Encoding.Latin1.GetBytes(line), (byte)'\n']);
        Add("garbage");
        Add("{\"timestamp\": broken");
        Add("[10/Oct/2026:13:55:36 +0200] \"GET /\u00ff\u00fe HTTP/1.1\" 200 1");
        Add("x \u0001 y");
        Add("\0\0\0");
        Add("[99/Foo/2026:13:55:36 +0200] \"GET /x HTTP/1.1\" 200 1");
        Add(new string('y', 6_000_000));
        Add($"\"quoted, [10/Oct/2026:13:55:36 +0200] \"GET /{s_a}.narinfo HTTP/1.1\" 200 1\r");
        Add($"[10/Oct/2026:13:55:36 +0200] \"GET /%{s_a}.narinfo HTTP/1.1\" 200 1");
        Add($"[10/Oct/2026:13:55:36 +0200] \"GET /../{s_a}.narinfo' HTTP/1.1\" 200 1");
        File.WriteAllBytes(_directory / "log", [.. bytes]);
        using var writer = NewCatalog("a");
        var errors = new List<NixStoreException>();
        var result = new AccessLogImport(writer).Run([_directory / "log"], errors.Add);
        Assert.Empty(errors);
        Assert.Equal(1, result.Requests);

        // The first two, that with the separator, that of zeros, and that of no day; the one that is too long is passed over.
        Assert.Equal(5, result.Unreadable);
    }

    [Fact]
    public void DamagedAndMissingLogsDoNotHinderTheOthers()
    {
        var line = $"[10/Oct/2026:13:55:36 +0000] \"GET /{s_a}.narinfo HTTP/1.1\" 200 1\n";
        foreach (var name in new[] { "1.gz", "2.gz", "3.gz" })
        {
            using var file = File.Create(_directory / name);
            using var gzip = new GZipStream(file, CompressionLevel.NoCompression);
            gzip.Write(Encoding.ASCII.GetBytes(name + "\n" + string.Concat(Enumerable.Repeat(line, 5000))));
        }

        File.WriteAllBytes(_directory / "2.gz", File.ReadAllBytes(_directory / "2.gz")[..100_000]);
        using var writer = NewCatalog("a");
        var errors = new List<NixStoreException>();
        var result = new AccessLogImport(writer).Run([_directory / "3.gz", _directory / "1.gz", _directory / "2.gz", _directory / "4"], errors.Add);
        Assert.Equal((2, 10_000L), (result.Files, result.Requests));
        Assert.Equal([_directory / "2.gz", _directory / "4"], errors.Select(error => error.Target));
        Assert.All(errors, error => Assert.Equal("AccessLogUnreadable", error.ErrorId));
        Assert.Equal(10_000, writer.Session.QueryNumber("SELECT count FROM downloads"));
    }

    [Fact]
    public void CountsEachLogOnceAndAddsNewOnes()
    {
        var line = $"[10/Oct/2026:13:55:36 +0000] \"GET /{s_a}.narinfo HTTP/1.1\" 200 1\n";
        File.WriteAllText(_directory / "access.log", line);
        using var writer = NewCatalog("a");
        new AccessLogImport(writer).Run([_directory / "access.log"], error => throw error);
        File.Move(_directory / "access.log", _directory / "access.log.1");
        File.WriteAllText(_directory / "access.log", line.Replace("10/Oct", "12/Oct", StringComparison.Ordinal));
        var result = new AccessLogImport(writer).Run([_directory / "access.log", _directory / "access.log.1"], error => throw error);
        Assert.Equal((1, 1), (result.Files, result.KnownFiles));
        Check(writer, (s_a, "2026-10-12T13:55:36", 2, 0));
    }

    [Fact]
    public void IsContinuedAfterAKill()
    {
        for (var i = 0; i < 8; i++)
        {
            File.WriteAllText(_directory / $"log.{i}", $"[1{i}/Oct/2026:13:55:36 +0000] \"GET /{CatalogRows.Hash(i.ToString())}.narinfo HTTP/1.1\" 200 1\n");
        }

        var logs = Enumerable.Range(0, 8).Select(i => _directory / $"log.{i}").ToList();
        using (var writer = NewCatalog("whole"))
        {
            new AccessLogImport(writer) { BytesAtOnce = 1 }.Run(logs, error => throw error);
        }

        using (NewCatalog("whole", fill: false))
        {
        }

        for (var kill = 1; kill < 8; kill++)
        {
            var name = $"broken-{kill}";
            using (var writer = NewCatalog(name))
            using (var stop = new CancellationTokenSource())
            {
                IEnumerable<string> Some()
                {
                    for (var i = 0; i <= kill; i++)
                    {
                        yield return logs[i];
                    }
                }

                // Broken off before the parts are one table.
                _ = Record.Exception(() => new AccessLogImport(writer) { BytesAtOnce = 1 }.Run(Some().Append(_directory / "zzz"), error => throw new KilledException(), stop.Token));
            }

            using (var writer = NewCatalog(name, fill: false))
            {
                new AccessLogImport(writer) { BytesAtOnce = 1 }.Run(logs, error => throw error);
            }

            using (NewCatalog(name, fill: false))
            {
            }

            Assert.Equal(Folders.Read(_directory / "whole"), Folders.Read(_directory / name));
        }
    }

    private void Import(string log, AccessLogResult expected, params (string Hash, string Time, long Count, long NarCount)[] rows)
    {
        File.WriteAllText(_directory / "log", log);
        using var writer = NewCatalog("a");
        var result = new AccessLogImport(writer).Run([_directory / "log"], error => throw error);
        Assert.Equal(expected, result);
        Check(writer, rows);
    }

    private static void Check(CatalogWriter writer, params (string Hash, string Time, long Count, long NarCount)[] expected)
    {
        using var rows = writer.Session.Query("SELECT hash, last_download, count, nar_count FROM downloads ORDER BY hash");
        var found = new List<(string, string, long, long)>();
        while (rows.Read())
        {
            found.Add((rows.GetText(0), rows.GetTime(1).ToString("yyyy-MM-ddTHH:mm:ss"), rows.GetInt64(2), rows.GetInt64(3)));
        }

        Assert.Equal(expected, found);
    }

    /// <summary>A catalog in which two narinfos name one NAR.</summary>
    private CatalogWriter NewCatalog(string name, bool fill = true)
    {
        var writer = CatalogWriter.Open(_directory / name, new CatalogManifest());
        return fill ? writer.AddNarInfos(("a", "nar/a.nar.xz", [], "2026-01-01"), ("b", "nar/a.nar.xz", [], "2026-01-01")) : writer;
    }
}
