using NixStore.Engine.Database;

namespace NixStore.Engine.Salvage;

/// <summary>The order of a salvage: log, free pages, schema, trees, then the pages that no tree led to, from the more to the less trustworthy.</summary>
internal sealed class DatabaseSalvager
{
    // §1.4 of the file format: the page of this byte is for locks and has nothing.
    private const long LockByte = 0x40000000;

    private readonly CancellationToken _cancellation;
    private readonly LossList _losses = new();
    private readonly RowCollector _rows;
    private readonly PageSource _pages;
    private readonly PageMap _map;
    private readonly CellReader _cells;
    private readonly byte[] _page;

    internal DatabaseSalvager(DatabaseFiles files, string path, StoreDirectory directory, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _rows = new RowCollector(directory);
        _pages = PageSource.Open(files, path, _losses, cancellation);
        _map = new PageMap(_pages.PageCount);
        _cells = new CellReader(_pages, _map, _rows);
        _page = new byte[_pages.PageSize];
    }

    /// <summary>Reads all there is.</summary>
    internal SalvagedDatabase Run()
    {
        if (_pages.PageCount > 0)
        {
            FreePages.Mark(_pages, _map, _losses);
            ReadTrees();
        }

        var strange = ReadOrphans();
        ReadRemains();
        ReadFreePages();
        foreach (var (page, reason) in strange.Where(page => _map[page.Page] == PageUse.Unknown))
        {
            _losses.Add(null, page, reason);
        }

        return new SalvageResolver(_rows).Resolve(_pages, _losses.All);
    }

    private void ReadTrees()
    {
        var walker = new TreeWalker(_pages, _map, _losses, _cells);
        walker.Walk(Schema.Root, _cancellation);
        foreach (var root in _rows.Schema.Trees(_losses))
        {
            walker.Walk(root, _cancellation);
            _rows.EndPart();
        }

        _rows.Outputs.JoinIndices();
    }

    /// <summary>Reads what nothing leads to; gives the pages that are of no known kind, which may turn out to belong to a row.</summary>
    private List<(uint Page, string Reason)> ReadOrphans()
    {
        var strange = new List<(uint, string)>();
        foreach (var page in Numbers().Where(page => _map[page] is not (PageUse.Tree or PageUse.Free) && !IsBehindEnd(page)))
        {
            if (!_pages.TryRead(page, _page, out var isInLog, out var problem))
            {
                strange.Add((page, problem));
            }
            else if (!BTreePage.TryParse(_page, isFirst: false, out var tree))
            {
                strange.Add((page, _page.AsSpan().ContainsAnyExcept((byte)0) ? "is of no known kind" : "is all zeros"));
            }
            else
            {
                var read = Read(tree, new SalvagePlace(SalvageOrigin.OrphanedPage, page, isInLog));
                if (read > 0 && read < tree.CellCount)
                {
                    _losses.Add(null, page, $"has {tree.CellCount - read} of {tree.CellCount} rows damaged");
                }
            }
        }

        _rows.EndPart();
        return strange;
    }

    private void ReadRemains()
    {
        foreach (var page in _pages.Log.Remains.Where(page => page > 1))
        {
            _cancellation.ThrowIfCancellationRequested();
            if (_pages.Log.TryReadRemains(page, _page) && BTreePage.TryParse(_page, isFirst: false, out var tree))
            {
                Read(tree, new SalvagePlace(SalvageOrigin.LogRemains, page, IsInLog: true));
            }
        }

        _rows.EndPart();
    }

    private void ReadFreePages()
    {
        foreach (var page in Numbers().Where(page => _map[page] == PageUse.Free || (_map[page] is not PageUse.Tree && IsBehindEnd(page))))
        {
            if (_pages.TryRead(page, _page, out var isInLog, out _) && BTreePage.TryParse(_page, isFirst: false, out var tree))
            {
                Read(tree, new SalvagePlace(SalvageOrigin.FreePage, page, isInLog));
            }
        }

        _rows.EndPart();
    }

    private int Read(in BTreePage tree, SalvagePlace place) => tree.IsTable && !tree.IsLeaf ? 0 : _cells.ReadAny(tree, place);

    /// <summary>All pages but the first, which is the schema's.</summary>
    private IEnumerable<uint> Numbers()
    {
        var locks = (LockByte / _pages.PageSize) + 1;
        for (uint page = 2; page <= _pages.PageCount; page++)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (page != locks)
            {
                yield return page;
            }
        }
    }

    /// <summary>True for a page that the database has given back without its file having been cut.</summary>
    private bool IsBehindEnd(uint page) => _pages.StatedCount > 0 && page > _pages.StatedCount;
}
