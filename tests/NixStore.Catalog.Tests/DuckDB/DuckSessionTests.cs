using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.DuckDB;

public sealed class DuckSessionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly DuckSession _session;

    public DuckSessionTests() => _session = new DuckSession(new DuckOptions { TemporaryDirectory = _directory / "spill", MemoryLimit = "200MB" });

    public void Dispose()
    {
        _session.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Every_type_is_read()
    {
        using var rows = _session.Query("""
            SELECT true, 1::TINYINT, 2::SMALLINT, 3::INTEGER, 4::BIGINT, 5::UBIGINT, 6::HUGEINT, 1.5::DOUBLE, 'short', 'a text of more than twelve bytes: ü',
                   TIMESTAMP '2026-01-06 01:13:00', '2026-01-06 01:13:00'::TIMESTAMP_MS, DATE '2026-01-06', ['a', NULL, 'ccccccccccccccccccccc'], NULL
            """);
        Assert.True(rows.Read());
        Assert.True(rows.GetBoolean(0));
        Assert.Equal(new long[] { 1, 2, 3, 4, 5, 6 }, Enumerable.Range(1, 6).Select(rows.GetInt64));
        Assert.Equal(1.5, rows.GetDouble(7));
        Assert.Equal("short", rows.GetText(8));
        Assert.Equal("a text of more than twelve bytes: ü", rows.GetText(9));
        var moment = new DateTimeOffset(2026, 1, 6, 1, 13, 0, TimeSpan.Zero);
        Assert.Equal(moment, rows.GetTime(10));
        Assert.Equal(moment, rows.GetTime(11));
        Assert.Equal(moment.Date, rows.GetTime(12).Date);
        Assert.Equal(["a", "", "ccccccccccccccccccccc"], rows.GetTexts(13));
        Assert.True(rows.IsNull(14));
        Assert.Null(rows.TryGetInt64(14));
        Assert.Empty(rows.GetTexts(14));
        Assert.False(rows.Read());
        Assert.False(rows.Read());
    }

    [Fact]
    public void Parameters_of_every_type_arrive()
    {
        var moment = new DateTimeOffset(2026, 1, 6, 3, 13, 0, TimeSpan.FromHours(2));
        using var rows = _session.Query("SELECT $1, $2, $3, $4, $5, $6, len($7::VARCHAR[]), len($8::VARCHAR[])", default,
            "it's", 7, long.MaxValue, true, moment, null, new[] { "a", "b" }, Array.Empty<string>());
        Assert.True(rows.Read());
        Assert.Equal("it's", rows.GetText(0));
        Assert.Equal(7, rows.GetInt64(1));
        Assert.Equal(long.MaxValue, rows.GetInt64(2));
        Assert.True(rows.GetBoolean(3));
        Assert.Equal(moment, rows.GetTime(4));
        Assert.True(rows.IsNull(5));
        Assert.Equal(2, rows.GetInt64(6));
        Assert.Equal(0, rows.GetInt64(7));
    }

    [Fact]
    public void Rows_stream_while_the_query_runs()
    {
        // Nobody could wait for all of these.
        using (var rows = _session.Query("SELECT i FROM range(1000000000000) t(i)"))
        {
            for (var i = 0; i < 10_000; i++)
            {
                Assert.True(rows.Read());
                Assert.Equal(i, rows.GetInt64(0));
            }
        }

        Assert.Equal(3, _session.QueryNumber("SELECT 3"));
    }

    [Fact]
    public void A_query_stops_when_it_is_told_to()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.ThrowsAny<OperationCanceledException>(() => _session.Execute("CREATE TABLE x AS SELECT sum(i * j) FROM range(10000000) a(i), range(10000000) b(j)", stop.Token));
        Assert.Equal(1, _session.QueryNumber("SELECT 1"));
        Assert.ThrowsAny<OperationCanceledException>(() => _session.Query("SELECT 1", stop.Token));
    }

    [Theory]
    [InlineData("SELEC 1", "CatalogQueryInvalid")]
    [InlineData("SELECT nowhere", "CatalogQueryInvalid")]
    [InlineData("SELECT 'x'::INTEGER", "CatalogQueryInvalid")]
    [InlineData("SELECT * FROM read_parquet('/nowhere.parquet')", "CatalogFileUnreadable")]
    [InlineData("SELECT * FROM 'https://localhost:1/x.parquet'", "CatalogQueryFailed")]
    public void What_is_refused_is_an_error_of_ours(string sql, string errorId)
    {
        var error = Assert.Throws<DuckException>(() => { using var rows = _session.Query(sql); rows.Read(); });
        Assert.Equal(errorId, error.ErrorId);
    }

    [Fact]
    public void Several_statements_run_and_the_last_one_answers()
        => Assert.Equal(5, _session.QueryNumber("CREATE TABLE several (x INTEGER); INSERT INTO several VALUES (2), (3); SELECT sum(x) FROM several"));

    [Fact]
    public void More_than_the_memory_goes_to_the_temporary_directory()
    {
        _session.Execute("CREATE TABLE large AS SELECT md5(i::VARCHAR) AS x FROM range(6000000) t(i)");

        // The table alone is more than the memory, and stays.
        Assert.NotEmpty(Directory.EnumerateFiles(_directory / "spill"));
        Assert.Equal(6_000_000, _session.QueryNumber("SELECT count(*) FROM (SELECT x FROM large ORDER BY x LIMIT 10000000)"));
    }

    [Fact]
    public void Appended_rows_are_there_with_their_nulls_and_lists()
    {
        _session.Execute("CREATE TABLE t (a VARCHAR, b BIGINT, c VARCHAR[], d TIMESTAMP_MS)");
        using (var rows = new DuckAppender(_session, "t"))
        {
            for (var i = 0; i < 5000; i++)
            {
                rows.Set(0, i % 3 == 0 ? null : $"a text that is number {i}");
                if (i % 5 != 0)
                {
                    rows.Set(1, (long)i);
                }

                if (i % 7 != 0)
                {
                    rows.BeginList(2);
                    for (var n = 0; n < i % 11; n++)
                    {
                        rows.Add(2, $"element {n} of {i}");
                    }
                }

                rows.SetMilliseconds(3, DateTimeOffset.FromUnixTimeMilliseconds(i));
                rows.EndRow();
            }

            rows.Close();
            Assert.Equal(5000, rows.Count);
        }

        using var read = _session.Query("SELECT a, b, c, d FROM t");
        for (var i = 0; i < 5000; i++)
        {
            Assert.True(read.Read());
            Assert.Equal(i % 3 == 0 ? null : $"a text that is number {i}", read.TryGetText(0));
            Assert.Equal<long?>(i % 5 == 0 ? null : i, read.TryGetInt64(1));
            Assert.Equal(i % 7 == 0, read.IsNull(2));
            Assert.Equal(i % 7 == 0 ? Enumerable.Empty<string>() : Enumerable.Range(0, i % 11).Select(n => $"element {n} of {i}"), read.GetTexts(2));
            Assert.Equal(i, read.GetTime(3).ToUnixTimeMilliseconds());
        }

        Assert.False(read.Read());
    }

    [Fact]
    public void A_list_may_be_longer_than_a_chunk()
    {
        _session.Execute("CREATE TABLE lists (c VARCHAR[])");
        using var rows = new DuckAppender(_session, "lists");
        rows.BeginList(0);
        for (var i = 0; i < 100_000; i++)
        {
            rows.Add(0, $"{i} and some more text");
        }

        rows.EndRow();
        rows.Close();
        Assert.Equal(100_000, _session.QueryNumber("SELECT count(DISTINCT x) FROM (SELECT unnest(c) AS x FROM lists)"));
    }

    [Fact]
    public void Bytes_become_nix_base_32()
    {
        using var rows = _session.Query("SELECT nix32(unhex('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')), nix32(NULL), list_transform(['\\x01'::BLOB, NULL], x -> nix32(x))");
        Assert.True(rows.Read());
        Assert.Equal("0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73", rows.GetText(0));
        Assert.True(rows.IsNull(1));
        Assert.Equal(["01", ""], rows.GetTexts(2));
    }
}
