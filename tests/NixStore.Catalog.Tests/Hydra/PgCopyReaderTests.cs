using System.Buffers.Binary;
using NixStore.Catalog.Hydra;

namespace NixStore.Catalog.Tests.Hydra;

public sealed class PgCopyReaderTests
{
    private static readonly byte[] s_header = [.. "PGCOPY\n"u8, 0xff, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1 << 20)]
    public void ReadsRowsHoweverTheyCome(int atOnce)
    {
        var big = new string('x', 600_000);
        using var stream = new Slow([.. s_header, .. Row("a", null, "b"), .. Row("", big, "c"), .. Row("d", "e", "f"), 0xff, 0xff], atOnce);
        var reader = new PgCopyReader(stream, 3);
        var rows = new List<string?[]>();
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, 3).Select(i => reader.IsNull(i) ? null : System.Text.Encoding.UTF8.GetString(reader.Bytes(i)))]);
        }

        Assert.Equal([["a", null, "b"], ["", big, "c"], ["d", "e", "f"]], rows);
    }

    [Fact]
    public void RefusesWhatIsDamaged()
    {
        Refuses([]);
        Refuses([.. "PGCOPX"u8, .. new byte[20]]);
        Refuses([.. s_header[..15], 0x7f, 0xff, 0xff, 0xff]);
        Refuses(s_header);
        Refuses([.. s_header, .. Row("a")]);
        Refuses([.. s_header, .. Row("a", "b", "c")[..^1]]);
        Refuses([.. s_header, 0, 3, 0x7f, 0xff, 0xff, 0xff]);
        Refuses([.. s_header, 0, 3, 0x80, 0, 0, 0]);
    }

    private static void Refuses(byte[] bytes) => Assert.Throws<InvalidDataException>(() =>
    {
        using var stream = new MemoryStream(bytes);
        var reader = new PgCopyReader(stream, 3);
        while (reader.Read())
        {
        }
    });

    private static byte[] Row(params string?[] fields)
    {
        var row = new List<byte> { 0, (byte)fields.Length };
        foreach (var field in fields)
        {
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, field?.Length ?? -1);
            row.AddRange(length);
            row.AddRange(System.Text.Encoding.ASCII.GetBytes(field ?? ""));
        }

        return [.. row];
    }

    private sealed class Slow(byte[] bytes, int atOnce) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, atOnce));
    }
}
