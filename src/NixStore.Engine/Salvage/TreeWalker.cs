using System.Buffers.Binary;

namespace NixStore.Engine.Salvage;

/// <summary>
/// Walks through trees (sqlite.org/fileformat2.html §1.6). Each page is visited once, and a table's page only keeps rows whose ids lie between
/// the keys that lead to it, so that a wrong pointer leads to a loss and not to wrong rows.
/// </summary>
internal sealed class TreeWalker(PageSource pages, PageMap map, LossList losses, CellReader cells)
{
    private readonly byte[] _page = new byte[pages.PageSize];
    private readonly Stack<Branch> _branches = new();
    private readonly List<Branch> _children = [];

    // A page that was lost to one tree may belong to the next.
    private readonly HashSet<uint> _lost = [];

    /// <summary>Reads all rows of a tree that can be reached.</summary>
    internal void Walk(TreeRoot root, CancellationToken cancellation)
    {
        _lost.Clear();
        Push(root, new Branch(root.Page, long.MinValue, long.MaxValue));
        while (_branches.TryPop(out var branch))
        {
            cancellation.ThrowIfCancellationRequested();
            Visit(root, branch);
        }
    }

    private void Visit(TreeRoot root, Branch branch)
    {
        if (!pages.TryRead(branch.Page, _page, out var isInLog, out var problem))
        {
            Lose(root, branch, problem);
        }
        else if (!BTreePage.TryParse(_page, branch.Page == 1, out var page) || page.IsTable != root.IsTable)
        {
            Lose(root, branch, _page.AsSpan().ContainsAnyExcept((byte)0) ? "is not one of its pages" : "is all zeros");
        }
        else
        {
            if (!page.IsLeaf)
            {
                PushChildren(root, branch, page);
            }

            if (page.IsLeaf || !page.IsTable)
            {
                ReadRows(root, branch, page, isInLog);
            }
        }
    }

    private void ReadRows(TreeRoot root, Branch branch, in BTreePage page, bool isInLog)
    {
        if (root.Kind == TreeKind.Other)
        {
            return;
        }

        var place = new SalvagePlace(root.IsTable ? SalvageOrigin.Tree : SalvageOrigin.Index, branch.Page, isInLog);
        var read = cells.Read(page, root.Kind, place, root.IsAssumed, branch.Low, branch.High);
        if (read == page.CellCount)
        {
            if (read == 0 && branch.Page != root.Page)
            {
                losses.Add(root.Name, branch.Page, "is empty");
            }
        }
        else if (read == 0 && page.IsLeaf)
        {
            Lose(root, branch, "has none of its rows");
        }
        else
        {
            losses.Add(root.Name, branch.Page, $"has {page.CellCount - read} of {page.CellCount} rows damaged");
        }
    }

    private void PushChildren(TreeRoot root, Branch branch, in BTreePage page)
    {
        _children.Clear();
        var low = branch.Low;
        for (var i = 0; i < page.CellCount; i++)
        {
            var cell = page.Cell(i);
            var high = branch.High;
            if (cell.IsEmpty || (root.IsTable && Varint.Read(cell[sizeof(uint)..], out high) == 0))
            {
                losses.Add(root.Name, branch.Page, "has a damaged pointer to another page");
                continue;
            }

            _children.Add(new Branch(BinaryPrimitives.ReadUInt32BigEndian(cell), low, high));
            low = root.IsTable ? high : low;
        }

        _children.Add(new Branch(page.RightChild, low, branch.High));

        // The last pushed is the first visited.
        for (var i = _children.Count - 1; i >= 0; i--)
        {
            Push(root, _children[i]);
        }
    }

    private void Push(TreeRoot root, Branch branch)
    {
        if (!map.Contains(branch.Page))
        {
            losses.Add(root.Name, branch.Page, "is behind the end of the file");
        }
        else if (map[branch.Page] == PageUse.Tree || _lost.Contains(branch.Page))
        {
            losses.Add(root.Name, branch.Page, "is pointed to twice");
        }
        else
        {
            if (map[branch.Page] == PageUse.Free)
            {
                losses.Add(root.Name, branch.Page, "is in the list of free pages as well");
            }

            map[branch.Page] = PageUse.Tree;
            _branches.Push(branch);
        }
    }

    private void Lose(TreeRoot root, Branch branch, string reason)
    {
        map[branch.Page] = PageUse.Lost;
        _lost.Add(branch.Page);
        losses.Add(root.Name, branch.Page, reason);
    }

    /// <summary>A page to visit; ids of a table's rows in it are above the low key and not above the high one.</summary>
    private readonly record struct Branch(uint Page, long Low, long High);
}
