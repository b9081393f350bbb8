using System.Buffers.Binary;
using System.Text;
using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.ClickHouse;

/// <summary>Gathers the values of a column of a block.</summary>
internal sealed class NativeBuilder(ClusterColumn column)
{
    private readonly MemoryStream _missing = new();
    private readonly MemoryStream _ends = new();
    private readonly MemoryStream _elementsMissing = new();
    private readonly MemoryStream _values = new();
    private readonly bool _isList = column.Type.StartsWith("Array(", StringComparison.Ordinal);
    private readonly bool _isNullable = column.Type.Contains("Nullable(", StringComparison.Ordinal);
    private ulong _elements;

    /// <summary>The column.</summary>
    internal ClusterColumn Column => column;

    /// <summary>Bytes by now.</summary>
    internal long Length => _values.Length;

    /// <summary>Adds the values of a chunk.</summary>
    /// <exception cref="NixStoreException">CatalogRowNotStorable</exception>
    internal void Add(DuckVector vector, int count)
    {
        for (var row = 0; row < count; row++)
        {
            var isNull = vector.IsNull(row);
            if (_isList)
            {
                AddList(vector, row, isNull);
                continue;
            }

            if (_isNullable)
            {
                _missing.WriteByte((byte)(isNull ? 1 : 0));
            }
            else if (isNull)
            {
                throw Missing();
            }

            AddValue(vector, row, isNull);
        }
    }

    /// <summary>Adds numbers of a byte.</summary>
    internal void Add(ReadOnlySpan<byte> values) => _values.Write(values);

    /// <summary>Adds texts.</summary>
    internal void Add(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            AddText(Encoding.UTF8.GetBytes(text));
        }
    }

    /// <summary>Writes them, and begins anew.</summary>
    internal void Flush(Stream stream)
    {
        foreach (var part in new[] { _missing, _ends, _elementsMissing, _values })
        {
            part.WriteTo(stream);
            part.SetLength(0);
        }

        _elements = 0;
    }

    private void AddList(DuckVector vector, int row, bool isNull)
    {
        if (!isNull)
        {
            var (start, count) = vector.ListAt(row);
            var elements = vector.Elements(DuckType.Text);
            for (var i = start; i < start + count; i++)
            {
                var isMissing = elements.IsNull(i);
                if (_isNullable)
                {
                    _elementsMissing.WriteByte((byte)(isMissing ? 1 : 0));
                }
                else if (isMissing)
                {
                    throw Missing();
                }

                AddText(isMissing ? [] : elements.BytesAt(i));
            }

            _elements += (ulong)count;
        }

        Span<byte> end = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(end, _elements);
        _ends.Write(end);
    }

    private void AddValue(DuckVector vector, int row, bool isNull)
    {
        Span<byte> number = stackalloc byte[8];
        switch (column.Width)
        {
            case 0:
                AddText(isNull ? [] : vector.BytesAt(row));
                break;
            default:
                BinaryPrimitives.WriteInt64LittleEndian(number, isNull ? 0 : NumberOf(vector, row));
                _values.Write(number[..column.Width]);
                break;
        }
    }

    /// <summary>Times are milliseconds; out of Parquet they come in microseconds. The infinite ones are what they are.</summary>
    private static long NumberOf(DuckVector vector, int row) => vector.Int64At(row) switch
    {
        var number when vector.Type != DuckType.Timestamp || Math.Abs(number) == long.MaxValue => number,
        var number => (long)Math.Floor(number / 1000m),
    };

    private void AddText(ReadOnlySpan<byte> text)
    {
        var length = (uint)text.Length;
        for (; length >= 0x80; length >>= 7)
        {
            _values.WriteByte((byte)(length | 0x80));
        }

        _values.WriteByte((byte)length);
        _values.Write(text);
    }

    private NixStoreException Missing() => new("CatalogRowNotStorable", StoreErrorKind.InvalidData,
        $"A row has no value in the column {column.Name}, by which a cluster knows where it belongs.", column.Name, "Remove the row from the catalog, or import its source anew.");
}
