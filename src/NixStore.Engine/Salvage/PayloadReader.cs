using System.Buffers.Binary;

namespace NixStore.Engine.Salvage;

/// <summary>Puts payloads together whose rest is in a chain of overflow pages (sqlite.org/fileformat2.html §1.7).</summary>
internal sealed class PayloadReader(PageSource pages)
{
    private readonly byte[] _page = new byte[pages.PageSize];
    private readonly List<uint> _chain = [];
    private byte[] _payload = [];

    // Cells that share chains could ask for far more than there is.
    private long _allowance = pages.TotalBytes * 4;

    /// <summary>The overflow pages of the payload that was read last.</summary>
    internal IReadOnlyList<uint> Chain => _chain;

    /// <summary>True when all overflow pages of the payload that was read last came from the log.</summary>
    internal bool IsChainInLog { get; private set; }

    /// <summary>Reads a whole payload, valid until the next one is read.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="useRemains">Whether pages are taken from the remains of the log where that has them.</param>
    /// <param name="payload">The payload.</param>
    internal bool TryRead(in Cell cell, bool useRemains, out ReadOnlySpan<byte> payload)
    {
        _chain.Clear();
        IsChainInLog = true;
        payload = cell.Local;
        if (cell.Overflow == 0)
        {
            return true;
        }

        if (_payload.Length < cell.Length)
        {
            _payload = new byte[Math.Max(cell.Length, _payload.Length * 2)];
        }

        cell.Local.CopyTo(_payload);
        var next = cell.Overflow;
        for (var length = cell.Local.Length; length < cell.Length;)
        {
            _allowance -= pages.PageSize;
            if (_allowance < 0 || _chain.Contains(next) || !TryReadPage(next, useRemains))
            {
                _chain.Clear();
                return false;
            }

            _chain.Add(next);
            next = BinaryPrimitives.ReadUInt32BigEndian(_page);
            var count = Math.Min(cell.Length - length, pages.UsableSize - sizeof(uint));
            _page.AsSpan(sizeof(uint), count).CopyTo(_payload.AsSpan(length));
            length += count;
        }

        // The last page of a chain says that it is: anything else means that a page belongs to somebody else by now.
        payload = _payload.AsSpan(0, cell.Length);
        return next == 0;
    }

    private bool TryReadPage(uint page, bool useRemains)
    {
        if (useRemains && pages.Log.TryReadRemains(page, _page))
        {
            return true;
        }

        var isRead = pages.TryRead(page, _page, out var isInLog, out _);
        IsChainInLog &= isInLog;
        return isRead;
    }
}
