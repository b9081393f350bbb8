namespace NixStore.Engine.Salvage;

/// <summary>Takes records apart (sqlite.org/fileformat2.html §2.1). A record is valid until the next one is read.</summary>
internal sealed class RecordReader
{
    // A store's widest table has nine.
    private const int MostColumns = 16;

    private readonly RecordColumn[] _columns = new RecordColumn[MostColumns];

    /// <summary>Reads the header of a record; false when it does not describe the payload to the last byte.</summary>
    internal bool TryRead(ReadOnlySpan<byte> payload, out Record record)
    {
        record = default;
        var size = Varint.Read(payload, out var header);
        if (size == 0 || header < size || header > payload.Length)
        {
            return false;
        }

        var count = 0;
        var offset = header;
        for (var position = size; position < header; count++)
        {
            size = Varint.Read(payload[position..(int)header], out var type);
            var length = LengthOf(type);
            if (size == 0 || count == MostColumns || length < 0 || length > payload.Length - offset)
            {
                return false;
            }

            _columns[count] = new RecordColumn(type, (int)offset, (int)length);
            position += size;
            offset += length;
        }

        record = new Record(payload, _columns.AsSpan(0, count));
        return offset == payload.Length;
    }

    /// <summary>Bytes of a value; -1 for the serial types that do not occur in files.</summary>
    private static long LengthOf(long type) => type switch
    {
        0 or 8 or 9 => 0,
        >= 1 and <= 4 => type,
        5 => 6,
        6 or 7 => 8,
        >= 12 => (type - 12) / 2,
        _ => -1,
    };
}
