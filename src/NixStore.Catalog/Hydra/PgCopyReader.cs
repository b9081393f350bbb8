using System.Buffers.Binary;

namespace NixStore.Catalog.Hydra;

/// <summary>Reads rows in PostgreSQL's binary COPY format as they come, without making objects of them.</summary>
/// <remarks>The format: https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format".</remarks>
internal sealed class PgCopyReader
{
    private const int HeaderSize = 19;
    private const int MaximumRowSize = 1 << 28;

    private readonly Stream _source;
    private readonly (int Offset, int Length)[] _fields;
    private byte[] _buffer = new byte[1 << 18];
    private int _row;
    private int _next;
    private int _end;

    /// <summary>Reads the header.</summary>
    /// <param name="source">Not closed here.</param>
    /// <param name="fieldCount">Fields that each row has.</param>
    /// <exception cref="InvalidDataException">It is no such stream.</exception>
    internal PgCopyReader(Stream source, int fieldCount)
    {
        _source = source;
        _fields = new (int, int)[fieldCount];
        Need(HeaderSize);
        if (!_buffer.AsSpan(0, 11).SequenceEqual(Signature))
        {
            throw new InvalidDataException("It does not begin as a binary COPY does.");
        }

        var extension = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(15));
        if (extension is < 0 or > MaximumRowSize)
        {
            throw new InvalidDataException("Its header is damaged.");
        }

        Need(HeaderSize + extension);
        _next = HeaderSize + extension;
    }

    private static ReadOnlySpan<byte> Signature => [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xff, (byte)'\r', (byte)'\n', 0];

    /// <summary>Goes to the next row; false at the end.</summary>
    /// <exception cref="InvalidDataException">The stream is damaged or cut off.</exception>
    internal bool Read()
    {
        _row = _next;
        Need(2);
        var count = BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(_row));
        if (count == -1)
        {
            return false;
        }

        if (count != _fields.Length)
        {
            throw new InvalidDataException($"A row has {count} fields in the place of {_fields.Length}.");
        }

        var size = 2;
        for (var i = 0; i < count; i++)
        {
            Need(size + 4);
            var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_row + size));
            size += 4;
            if (length < -1 || length > MaximumRowSize - size)
            {
                throw new InvalidDataException("A field is of no sensible length.");
            }

            _fields[i] = (size, length);
            size += Math.Max(length, 0);
        }

        Need(size);
        _next = _row + size;
        return true;
    }

    /// <summary>True when a field of this row is null.</summary>
    internal bool IsNull(int field) => _fields[field].Length < 0;

    /// <summary>The bytes of a field of this row; valid until the next row.</summary>
    internal ReadOnlySpan<byte> Bytes(int field) => _buffer.AsSpan(_row + _fields[field].Offset, Math.Max(_fields[field].Length, 0));

    /// <summary>A bigint.</summary>
    internal long Int64(int field) => BinaryPrimitives.ReadInt64BigEndian(Bytes(field));

    /// <summary>An integer.</summary>
    internal int Int32(int field) => BinaryPrimitives.ReadInt32BigEndian(Bytes(field));

    /// <summary>Has so many bytes of this row in the buffer.</summary>
    private void Need(int size)
    {
        if (_end - _row >= size)
        {
            return;
        }

        if (_buffer.Length - _row < size)
        {
            var target = size > _buffer.Length ? new byte[Math.Max(size, _buffer.Length * 2)] : _buffer;
            Buffer.BlockCopy(_buffer, _row, target, 0, _end - _row);
            (_buffer, _end, _row) = (target, _end - _row, 0);
        }

        while (_end - _row < size)
        {
            var count = _source.Read(_buffer, _end, _buffer.Length - _end);
            if (count == 0)
            {
                throw new InvalidDataException("It is cut off.");
            }

            _end += count;
        }
    }
}
