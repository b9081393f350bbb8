using System.Buffers.Binary;

namespace NixStore.Engine.Salvage;

/// <summary>A page of a b-tree (sqlite.org/fileformat2.html §1.6). Nothing of it is believed: cells that lie outside of the page are empty.</summary>
internal readonly ref struct BTreePage
{
    private const byte IndexInterior = 2;
    private const byte TableInterior = 5;
    private const byte IndexLeaf = 10;
    private const byte TableLeaf = 13;
    private const int LeafHeader = 8;
    private const int InteriorHeader = 12;

    // The shortest cell: payload length, row id, a record of an empty header; SQLite never makes less than four bytes.
    private const int ShortestCell = 4;

    private readonly ReadOnlySpan<byte> _page;
    private readonly int _pointers;

    private BTreePage(ReadOnlySpan<byte> page, int header)
    {
        _page = page;
        var kind = page[header];
        IsLeaf = kind is TableLeaf or IndexLeaf;
        IsTable = kind is TableLeaf or TableInterior;
        CellCount = BinaryPrimitives.ReadUInt16BigEndian(page[(header + 3)..]);
        ContentStart = BinaryPrimitives.ReadUInt16BigEndian(page[(header + 5)..]) is var start and > 0 ? start : DatabaseHeader.LargestPage;
        RightChild = IsLeaf ? 0 : BinaryPrimitives.ReadUInt32BigEndian(page[(header + 8)..]);
        _pointers = header + (IsLeaf ? LeafHeader : InteriorHeader);
    }

    /// <summary>True for a page without children.</summary>
    internal bool IsLeaf { get; }

    /// <summary>True for a table's page, false for an index's.</summary>
    internal bool IsTable { get; }

    /// <summary>How many cells there are.</summary>
    internal int CellCount { get; }

    /// <summary>The last child of an interior page.</summary>
    internal uint RightChild { get; }

    private int ContentStart { get; }

    private int PointersEnd => _pointers + (2 * CellCount);

    /// <summary>Reads the header of a page; false when it is no page of a b-tree.</summary>
    /// <param name="page">The page.</param>
    /// <param name="isFirst">True for page 1, which begins with the header of the database.</param>
    /// <param name="result">The page.</param>
    internal static bool TryParse(ReadOnlySpan<byte> page, bool isFirst, out BTreePage result)
    {
        var header = isFirst ? DatabaseHeader.Length : 0;
        if (page[header] is not (IndexInterior or TableInterior or IndexLeaf or TableLeaf))
        {
            result = default;
            return false;
        }

        result = new BTreePage(page, header);
        return result.PointersEnd <= page.Length;
    }

    /// <summary>True when all parts are where they should be, as they hardly are in a page of another size or of other contents.</summary>
    internal bool IsPlausible()
    {
        if (ContentStart < PointersEnd || ContentStart > _page.Length)
        {
            return false;
        }

        for (var i = 0; i < CellCount; i++)
        {
            if (Cell(i).IsEmpty)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>From the start of a cell to the end of the page; empty when the cell cannot be where it is said to be.</summary>
    internal ReadOnlySpan<byte> Cell(int index)
    {
        var offset = BinaryPrimitives.ReadUInt16BigEndian(_page[(_pointers + (2 * index))..]);
        return offset >= PointersEnd && offset <= _page.Length - ShortestCell ? _page[offset..] : [];
    }
}
