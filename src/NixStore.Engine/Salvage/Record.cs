using System.Text;
using System.Text.Unicode;

namespace NixStore.Engine.Salvage;

/// <summary>Where a column is in a record, and its serial type (sqlite.org/fileformat2.html §2.1).</summary>
internal readonly record struct RecordColumn(long SerialType, int Offset, int Length);

/// <summary>A row as it is stored.</summary>
internal readonly ref struct Record(ReadOnlySpan<byte> payload, ReadOnlySpan<RecordColumn> columns)
{
    private const long Null = 0;
    private const long Zero = 8;
    private const long One = 9;
    private const long FirstText = 13;

    private readonly ReadOnlySpan<byte> _payload = payload;
    private readonly ReadOnlySpan<RecordColumn> _columns = columns;

    /// <summary>How many columns there are.</summary>
    internal int Count => _columns.Length;

    /// <summary>True for NULL, and for a column that was added to the table after the row was written.</summary>
    internal bool IsNull(int column) => column >= _columns.Length || _columns[column].SerialType == Null;

    /// <summary>A whole number; false for anything else.</summary>
    internal bool TryInteger(int column, out long value)
    {
        value = 0;
        if (column >= _columns.Length)
        {
            return false;
        }

        var bytes = Bytes(column);
        switch (_columns[column].SerialType)
        {
            case >= 1 and <= 6:
                value = (sbyte)bytes[0];
                foreach (var b in bytes[1..])
                {
                    value = (value << 8) | b;
                }

                return true;
            case Zero:
                return true;
            case One:
                value = 1;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Text in well-formed UTF-8, as all of Nix's databases have it; false for anything else.</summary>
    internal bool TryText(int column, out string text)
    {
        text = "";
        if (column >= _columns.Length || _columns[column].SerialType is var type && (type < FirstText || type % 2 == 0) || !Utf8.IsValid(Bytes(column)))
        {
            return false;
        }

        text = Encoding.UTF8.GetString(Bytes(column));
        return true;
    }

    private ReadOnlySpan<byte> Bytes(int column) => _payload.Slice(_columns[column].Offset, _columns[column].Length);
}
