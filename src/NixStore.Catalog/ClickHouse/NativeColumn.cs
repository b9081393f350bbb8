using System.Buffers.Binary;

namespace NixStore.Catalog.ClickHouse;

/// <summary>A column of a block.</summary>
/// <param name="Kind">What its values are; of lists, what their ends are.</param>
/// <param name="Values">The values, one after another.</param>
internal sealed record NativeColumn(NativeKind Kind, byte[] Values)
{
    /// <summary>Where each text ends.</summary>
    internal int[]? TextEnds { get; init; }

    /// <summary>Not zero where there is no value; null = there is one everywhere.</summary>
    internal byte[]? Missing { get; init; }

    /// <summary>Of lists, the elements of all rows.</summary>
    internal NativeColumn? Elements { get; init; }

    /// <summary>True when the value is missing.</summary>
    internal bool IsNull(int row) => Missing is { } missing && missing[row] != 0;

    /// <summary>The bytes of a text.</summary>
    internal ReadOnlySpan<byte> BytesAt(int row)
    {
        var start = row == 0 ? 0 : TextEnds![row - 1];
        return Values.AsSpan(start, TextEnds![row] - start);
    }

    /// <summary>A whole number of any width.</summary>
    internal long Int64At(int row) => Kind switch
    {
        NativeKind.Int8 => (sbyte)Values[row],
        NativeKind.UInt8 => Values[row],
        NativeKind.Int16 => BinaryPrimitives.ReadInt16LittleEndian(Values.AsSpan(2 * row)),
        NativeKind.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(Values.AsSpan(2 * row)),
        NativeKind.Int32 => BinaryPrimitives.ReadInt32LittleEndian(Values.AsSpan(4 * row)),
        NativeKind.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(Values.AsSpan(4 * row)),
        NativeKind.Int64 => BinaryPrimitives.ReadInt64LittleEndian(Values.AsSpan(8 * row)),
        NativeKind.UInt64 => checked((long)BinaryPrimitives.ReadUInt64LittleEndian(Values.AsSpan(8 * row))),
        _ => throw new InvalidCastException("A text is no number."),
    };

    /// <summary>The elements of a list.</summary>
    internal (NativeColumn Elements, int Start, int Count) ListAt(int row)
    {
        var start = row == 0 ? 0 : (int)BinaryPrimitives.ReadUInt64LittleEndian(Values.AsSpan(8 * (row - 1)));
        return (Elements!, start, (int)BinaryPrimitives.ReadUInt64LittleEndian(Values.AsSpan(8 * row)) - start);
    }
}
