using System.Buffers.Binary;

namespace NixStore.Engine.Salvage;

/// <summary>A cell of a b-tree page (sqlite.org/fileformat2.html §1.6), as far as it lies in the page.</summary>
internal readonly ref struct Cell
{
    /// <summary>No row of a store is nearly as long.</summary>
    internal const int LongestPayload = 1 << 20;

    private Cell(long rowId, int length, ReadOnlySpan<byte> local, uint overflow)
    {
        RowId = rowId;
        Length = length;
        Local = local;
        Overflow = overflow;
    }

    /// <summary>The row's id; 0 in an index.</summary>
    internal long RowId { get; }

    /// <summary>Bytes of the whole payload.</summary>
    internal int Length { get; }

    /// <summary>The part of the payload that is in the page.</summary>
    internal ReadOnlySpan<byte> Local { get; }

    /// <summary>The first page with the rest; 0 when there is no rest.</summary>
    internal uint Overflow { get; }

    /// <summary>Reads a cell that has a payload: any but those of a table's interior pages.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, in BTreePage page, int usable, out Cell cell)
    {
        cell = default;
        var start = page.IsLeaf ? 0 : sizeof(uint);
        if (bytes.Length <= start)
        {
            return false;
        }

        var size = Varint.Read(bytes[start..], out var length);
        start += size;
        if (size == 0 || length is <= 0 or > LongestPayload)
        {
            return false;
        }

        long rowId = 0;
        if (page.IsTable)
        {
            size = Varint.Read(bytes[start..], out rowId);
            start += size;
            if (size == 0)
            {
                return false;
            }
        }

        var local = LocalLength((int)length, page.IsTable, usable);
        var hasOverflow = local < length;
        if (bytes.Length - start < local + (hasOverflow ? sizeof(uint) : 0))
        {
            return false;
        }

        var overflow = hasOverflow ? BinaryPrimitives.ReadUInt32BigEndian(bytes[(start + local)..]) : 0;
        cell = new Cell(rowId, (int)length, bytes.Slice(start, local), overflow);
        return !hasOverflow || overflow > 0;
    }

    /// <summary>How much of a payload is in the page itself (§1.6, with the names it gives to the numbers).</summary>
    private static int LocalLength(int payload, bool isTable, int usable)
    {
        var x = isTable ? usable - 35 : ((usable - 12) * 64 / 255) - 23;
        if (payload <= x)
        {
            return payload;
        }

        var m = ((usable - 12) * 32 / 255) - 23;
        var k = m + ((payload - m) % (usable - 4));
        return k <= x ? k : m;
    }
}
