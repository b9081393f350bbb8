using System.Buffers.Binary;
using System.Text;

namespace NixStore.Catalog.ClickHouse;

/// <summary>Reads blocks of the format Native out of a stream.</summary>
internal sealed class NativeReader(Stream source) : IDisposable
{
    private const int LongestText = 1 << 30;
    private readonly BufferedStream _stream = new(source, 1 << 18);

    /// <summary>The next block; null at the end.</summary>
    /// <exception cref="InvalidDataException"/>
    /// <exception cref="IOException"/>
    internal (NativeColumn[] Columns, int Rows)? TryReadBlock()
    {
        var first = _stream.ReadByte();
        if (first < 0)
        {
            return null;
        }

        var columns = new NativeColumn[Small(ReadNumber(first))];
        var rows = Small(ReadNumber(_stream.ReadByte()));
        for (var i = 0; i < columns.Length; i++)
        {
            _ = ReadText();
            columns[i] = ReadColumn(ReadText(), rows);
        }

        return (columns, rows);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private NativeColumn ReadColumn(string type, int rows)
    {
        if (Inner(type, "Nullable") is { } nullable)
        {
            var missing = ReadBytes(rows);
            return ReadColumn(nullable, rows) with { Missing = missing };
        }

        if (Inner(type, "Array") is { } element)
        {
            var ends = ReadBytes(8 * (long)rows);
            var count = rows == 0 ? 0 : Small(BinaryPrimitives.ReadUInt64LittleEndian(ends.AsSpan(8 * (rows - 1))));
            return new NativeColumn(NativeKind.UInt64, ends) { Elements = ReadColumn(element, count) };
        }

        return type switch
        {
            "String" => ReadTexts(rows),
            "UInt8" or "Bool" => new NativeColumn(NativeKind.UInt8, ReadBytes(rows)),
            "UInt16" or "Date" => new NativeColumn(NativeKind.UInt16, ReadBytes(2 * (long)rows)),
            "UInt32" or "DateTime" => new NativeColumn(NativeKind.UInt32, ReadBytes(4 * (long)rows)),
            "Int32" => new NativeColumn(NativeKind.Int32, ReadBytes(4 * (long)rows)),
            "Int64" => new NativeColumn(NativeKind.Int64, ReadBytes(8 * (long)rows)),
            "UInt64" => new NativeColumn(NativeKind.UInt64, ReadBytes(8 * (long)rows)),
            "Int8" => new NativeColumn(NativeKind.Int8, ReadBytes(rows)),
            "Int16" => new NativeColumn(NativeKind.Int16, ReadBytes(2 * (long)rows)),
            _ => throw new InvalidDataException($"it has the type '{(type.Length > 100 ? type[..100] : type)}'"),
        };
    }

    private NativeColumn ReadTexts(int rows)
    {
        var ends = new int[rows];
        var bytes = new byte[Math.Max(16, rows * 16)];
        var used = 0;
        for (var row = 0; row < rows; row++)
        {
            var length = ReadNumber(_stream.ReadByte());
            if (length > (ulong)(LongestText - used))
            {
                throw new InvalidDataException("its texts are too long");
            }

            if (bytes.Length - used < (int)length)
            {
                Array.Resize(ref bytes, Math.Max(bytes.Length * 2, used + (int)length));
            }

            _stream.ReadExactly(bytes, used, (int)length);
            ends[row] = used += (int)length;
        }

        return new NativeColumn(NativeKind.Text, bytes) { TextEnds = ends };
    }

    private static string? Inner(string type, string outer) => type.StartsWith(outer + "(", StringComparison.Ordinal) && type.EndsWith(')') ? type[(outer.Length + 1)..^1] : null;

    private byte[] ReadBytes(long count)
    {
        var bytes = new byte[count];
        _stream.ReadExactly(bytes);
        return bytes;
    }

    private string ReadText() => Encoding.UTF8.GetString(ReadBytes(Small(ReadNumber(_stream.ReadByte()))));

    private ulong ReadNumber(int first)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (first < 0)
            {
                throw new EndOfStreamException();
            }

            value |= (ulong)(first & 0x7f) << shift;
            if (first < 0x80)
            {
                return value;
            }

            first = _stream.ReadByte();
        }

        throw new InvalidDataException("it is not in the format Native");
    }

    private static int Small(ulong value) => value <= 1 << 28 ? (int)value : throw new InvalidDataException("it is not in the format Native");
}
