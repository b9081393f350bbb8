namespace NixStore.Engine.Salvage;

/// <summary>Reads the rows of one page after the other.</summary>
internal sealed class CellReader(PageSource pages, PageMap map, RowCollector rows)
{
    private readonly PayloadReader _payloads = new(pages);
    private readonly RecordReader _records = new();

    /// <summary>
    /// Reads the rows of a page of a tree; how many there were. Rows whose id does not belong there are kept as well, as ones of no tree.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="kind">What rows they should be.</param>
    /// <param name="place">Where they are.</param>
    /// <param name="isStrict">Whether only rows beyond doubt count.</param>
    /// <param name="low">Ids are above it.</param>
    /// <param name="high">Ids are not above it.</param>
    internal int Read(in BTreePage page, TreeKind kind, SalvagePlace place, bool isStrict, long low, long high)
    {
        var count = 0;
        for (var i = 0; i < page.CellCount; i++)
        {
            if (Cell.TryParse(page.Cell(i), page, pages.UsableSize, out var cell)
                && _payloads.TryRead(cell, useRemains: false, out var payload)
                && _records.TryRead(payload, out var record))
            {
                var isInRange = !page.IsTable || (cell.RowId > low && cell.RowId <= high);
                var found = Place(isInRange ? place.Origin : SalvageOrigin.OrphanedPage, place);
                if (rows.TryAdd(kind, cell.RowId, record, found, isStrict || !isInRange))
                {
                    count += isInRange ? 1 : 0;
                    ClaimOverflow();
                }
            }
        }

        return count;
    }

    /// <summary>Reads the rows of a page of which nothing is known, as far as they are beyond doubt; how many there were.</summary>
    internal int ReadAny(in BTreePage page, SalvagePlace place)
    {
        var count = 0;
        for (var i = 0; i < page.CellCount; i++)
        {
            if (Cell.TryParse(page.Cell(i), page, pages.UsableSize, out var cell)
                && _payloads.TryRead(cell, place.Origin == SalvageOrigin.LogRemains, out var payload)
                && _records.TryRead(payload, out var record)
                && rows.TryAdd(KindOf(record, page.IsTable), cell.RowId, record, Place(place.Origin, place), isStrict: true))
            {
                count++;
                ClaimOverflow();
            }
        }

        return count;
    }

    // Indices of a path and an id are of two kinds that look the same, so they only count where a tree says which.
    private static TreeKind KindOf(in Record record, bool isTable) => (isTable, record.Count) switch
    {
        (true, >= 6 and <= 9) => TreeKind.Paths,
        (true, 2) => TreeKind.References,
        (true, 3) => TreeKind.Outputs,
        (false, 3) => TreeKind.ReferenceIndex,
        _ => TreeKind.Other,
    };

    /// <summary>Where the row is whose payload was read last.</summary>
    private SalvagePlace Place(SalvageOrigin origin, SalvagePlace page) => new(origin, page.Page, page.IsInLog && _payloads.IsChainInLog);

    private void ClaimOverflow()
    {
        foreach (var page in _payloads.Chain)
        {
            if (map.Contains(page) && map[page] != PageUse.Tree)
            {
                map[page] = PageUse.Overflow;
            }
        }
    }
}
