using System.Buffers.Binary;
using System.Text;
using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.ClickHouse;

/// <summary>Writes rows of the embedded engine as blocks of the format Native, all with the number of their partition.</summary>
/// <param name="stream">Where to; it is flushed after each block.</param>
/// <param name="columns">The columns behind the part, in the order of those of the rows; one more than these have is that of missing lists.</param>
/// <param name="part">The partition.</param>
internal sealed class NativeWriter(Stream stream, IReadOnlyList<ClusterColumn> columns, ulong part)
{
    // A block becomes a file of each shard at once: larger ones are fewer files.
    private const int RowsOfBlock = 131_072;
    private const int BytesOfBlock = 128 << 20;

    private readonly NativeBuilder[] _builders = [.. columns.Select(column => new NativeBuilder(column))];
    private int _rows;

    /// <summary>Rows that were written.</summary>
    internal long Count { get; private set; }

    /// <summary>Writes all rows of a query.</summary>
    /// <exception cref="NixStoreException">CatalogRowNotStorable: a value is missing that a cluster must have.</exception>
    internal void Write(DuckRows rows)
    {
        while (rows.ReadChunk())
        {
            var missing = _builders.Length > rows.ColumnCount ? new byte[rows.Count] : null;
            var (lists, bytes) = (0, 0L);
            for (var column = 0; column < rows.ColumnCount; column++)
            {
                var vector = rows.Column(column);
                _builders[column].Add(vector, rows.Count);
                bytes += _builders[column].Length;
                if (vector.Type == DuckType.List && missing is not null)
                {
                    for (var row = 0; row < rows.Count; row++)
                    {
                        missing[row] |= (byte)(vector.IsNull(row) ? 1 << lists : 0);
                    }

                    lists++;
                }
            }

            if (missing is not null)
            {
                _builders[^1].Add(missing);
            }

            _rows += rows.Count;
            if (_rows >= RowsOfBlock || bytes >= BytesOfBlock)
            {
                Flush();
            }
        }
    }

    /// <summary>Writes what is left.</summary>
    internal void Flush()
    {
        if (_rows == 0)
        {
            return;
        }

        var header = new List<byte>();
        Number(header, (ulong)_builders.Length + 1);
        Number(header, (ulong)_rows);
        Text(header, ClusterTable.PartColumn);
        Text(header, "UInt64");
        stream.Write([.. header]);
        var parts = new byte[8 * _rows];
        for (var row = 0; row < _rows; row++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(parts.AsSpan(8 * row), part);
        }

        stream.Write(parts);
        foreach (var builder in _builders)
        {
            header.Clear();
            Text(header, builder.Column.Name);
            Text(header, builder.Column.Type);
            stream.Write([.. header]);
            builder.Flush(stream);
        }

        stream.Flush();
        Count += _rows;
        _rows = 0;
    }

    /// <summary>Writes rows of one text.</summary>
    internal static void WriteTexts(Stream stream, string column, DuckRows rows)
    {
        var builder = new NativeBuilder(new ClusterColumn(column, "String"));
        while (rows.ReadChunk())
        {
            builder.Add(rows.Column(0), rows.Count);
            WriteTexts(stream, builder, rows.Count);
        }
    }

    /// <summary>Writes texts as rows.</summary>
    internal static void WriteTexts(Stream stream, string column, IEnumerable<string> texts)
    {
        var builder = new NativeBuilder(new ClusterColumn(column, "String"));
        foreach (var block in texts.Chunk(RowsOfBlock))
        {
            builder.Add(block);
            WriteTexts(stream, builder, block.Length);
        }
    }

    /// <summary>A number of any length: seven bits a byte.</summary>
    internal static void Number(List<byte> bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
    }

    private static void WriteTexts(Stream stream, NativeBuilder builder, int rows)
    {
        var header = new List<byte>();
        Number(header, 1);
        Number(header, (ulong)rows);
        Text(header, builder.Column.Name);
        Text(header, builder.Column.Type);
        stream.Write([.. header]);
        builder.Flush(stream);
        stream.Flush();
    }

    private static void Text(List<byte> bytes, string text)
    {
        var encoded = Encoding.UTF8.GetBytes(text);
        Number(bytes, (ulong)encoded.Length);
        bytes.AddRange(encoded);
    }
}
