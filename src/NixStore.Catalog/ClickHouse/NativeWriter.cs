using System.Buffers.Binary;
using System.Text;
using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.ClickHouse;

/// <summary>Writes rows of the embedded engine as blocks of the format Native, all with the number of their part.</summary>
/// <param name="send">Gives a stream for a block. Each is sent by itself: between them time may pass, and servers of today give up when nothing comes for half a minute.</param>
/// <param name="columns">The columns behind the part, in the order of those of the rows; one more than these have is that of missing lists.</param>
/// <param name="part">The number of the part.</param>
internal sealed class NativeWriter(Action<Action<Stream>> send, IReadOnlyList<ClusterColumn> columns, uint part)
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

        send(WriteBlock);
        Count += _rows;
        _rows = 0;
    }

    /// <summary>Sends rows of one text.</summary>
    internal static void WriteTexts(Action<Action<Stream>> send, string column, DuckRows rows)
    {
        var builder = new NativeBuilder(new ClusterColumn(column, "String"));
        var count = 0;
        while (rows.ReadChunk())
        {
            builder.Add(rows.Column(0), rows.Count);
            count += rows.Count;
            if (count >= RowsOfBlock)
            {
                Send();
            }
        }

        Send();

        void Send()
        {
            if (count > 0)
            {
                send(WriteColumn);
                count = 0;
            }
        }

        void WriteColumn(Stream stream)
        {
            var header = new List<byte>();
            Number(header, 1);
            Number(header, (ulong)count);
            Text(header, column);
            Text(header, "String");
            stream.Write([.. header]);
            builder.Flush(stream);
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

    private void WriteBlock(Stream stream)
    {
        var header = new List<byte>();
        Number(header, (ulong)_builders.Length + 1);
        Number(header, (ulong)_rows);
        Text(header, ClusterTable.PartColumn);
        Text(header, "UInt32");
        stream.Write([.. header]);
        var parts = new byte[4 * _rows];
        for (var row = 0; row < _rows; row++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(parts.AsSpan(4 * row), part);
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
    }

    private static void Text(List<byte> bytes, string text)
    {
        var encoded = Encoding.UTF8.GetBytes(text);
        Number(bytes, (ulong)encoded.Length);
        bytes.AddRange(encoded);
    }
}
