using System.Buffers.Binary;

namespace NixStore.Engine.Salvage;

/// <summary>
/// The write-ahead log (sqlite.org/fileformat2.html §4). Its frames count up to the last commit that an unbroken chain of checksums reaches, as
/// SQLite has it (§4.1, §4.4); frames that are not used but have a right checksum of their own are remembered as remains.
/// </summary>
internal sealed class WriteAheadLog
{
    private const int HeaderLength = 32;
    private const int FrameHeaderLength = 24;
    private const uint Magic = 0x377f0682;
    private const uint MagicBigEndian = 0x377f0683;
    private const uint Version = 3007000;

    private readonly SalvageFile _file;
    private readonly byte[] _header = new byte[HeaderLength];
    private readonly bool _isBigEndian;
    private readonly Dictionary<uint, long> _committed = [];
    private readonly Dictionary<uint, (long Offset, bool IsCurrent)> _remains = [];

    internal WriteAheadLog(SalvageFile file)
    {
        _file = file;
        if (!file.TryRead(0, _header))
        {
            return;
        }

        var magic = BinaryPrimitives.ReadUInt32BigEndian(_header);
        _isBigEndian = magic == MagicBigEndian;
        var pageSize = BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(8));
        IsSound = magic is Magic or MagicBigEndian
            && BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(4)) == Version
            && DatabaseHeader.IsPageSize(pageSize)
            && default(LogChecksum).Add(_header.AsSpan(0, 24), _isBigEndian) == LogChecksum.Read(_header.AsSpan(24));
        PageSize = IsSound ? (int)pageSize : 0;
    }

    /// <summary>True when the header is as it was written.</summary>
    internal bool IsSound { get; }

    /// <summary>Bytes of a page; 0 when the header does not say.</summary>
    internal int PageSize { get; }

    /// <summary>Pages of the database after the last commit; 0 when nothing was committed.</summary>
    internal uint DatabaseSize { get; private set; }

    /// <summary>How many frames there are.</summary>
    internal SalvagedLog Summary { get; private set; }

    /// <summary>The highest page of which there is an image.</summary>
    internal uint HighestPage { get; private set; }

    /// <summary>Pages with images that SQLite does not use.</summary>
    internal IReadOnlyCollection<uint> Remains => _remains.Keys;

    /// <summary>Reads the whole log.</summary>
    internal void Index(int pageSize, LossList losses, CancellationToken cancellation)
    {
        if (_file.Length > 0 && !IsSound)
        {
            losses.Add("has a write-ahead log whose header is damaged, so that none of its commits count");
        }

        var frame = new byte[FrameHeaderLength + pageSize];
        var frames = Math.Max(0, (_file.Length - HeaderLength) / frame.Length);
        var uncommitted = new List<(uint Page, long Offset)>();
        LogChecksum? running = IsSound ? LogChecksum.Read(_header.AsSpan(24)) : null;
        LogChecksum? before = running;
        long broken = 0;
        long committed = 0;
        long remaining = 0;
        for (long number = 0, offset = HeaderLength; number < frames; number++, offset += frame.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!_file.TryRead(offset, frame))
            {
                losses.Add($"has a write-ahead log whose frame {number + 1} could not be read from the disk");
                (running, before) = (null, null);
                continue;
            }

            var page = BinaryPrimitives.ReadUInt32BigEndian(frame);
            var databaseSize = BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4));
            var isCurrent = IsSound && frame.AsSpan(8, 8).SequenceEqual(_header.AsSpan(16, 8));
            var stored = LogChecksum.Read(frame.AsSpan(16));
            if (running is not null && isCurrent && page > 0 && Continues(running, frame, stored))
            {
                running = stored;
                uncommitted.Add((page, offset));
                if (databaseSize > 0)
                {
                    Commit(uncommitted, databaseSize);
                    committed = number + 1;
                }
            }
            else
            {
                broken = running is null ? broken : number + 1;
                running = null;

                // Without a commit behind it, this is how every transaction looks that did not come to its end.
                if (isCurrent && databaseSize > 0 && broken > 0)
                {
                    losses.Add($"has a write-ahead log whose frame {broken} is damaged, so that no commit from there on counts");
                    broken = 0;
                }

                if (page > 0 && Continues(before, frame, stored))
                {
                    remaining++;
                    Keep(page, offset, isCurrent);
                }
            }

            before = stored;
        }

        foreach (var (page, offset) in uncommitted)
        {
            remaining++;
            Keep(page, offset, isCurrent: true);
        }

        if (_file.Length > HeaderLength + (frames * frame.Length))
        {
            losses.Add("has a write-ahead log that ends within a frame");
        }

        Summary = new SalvagedLog(frames, committed, remaining);
    }

    /// <summary>Reads the committed image of a page; <paramref name="exists"/> tells a page that the log does not have from one that cannot be read.</summary>
    internal bool TryReadCommitted(uint page, Span<byte> buffer, out bool exists)
    {
        exists = _committed.TryGetValue(page, out var offset);
        return exists && _file.TryRead(offset + FrameHeaderLength, buffer);
    }

    /// <summary>Reads the image of a page that SQLite does not use.</summary>
    internal bool TryReadRemains(uint page, Span<byte> buffer)
        => _remains.TryGetValue(page, out var remains) && _file.TryRead(remains.Offset + FrameHeaderLength, buffer);

    private void Commit(List<(uint Page, long Offset)> frames, uint databaseSize)
    {
        foreach (var (page, offset) in frames)
        {
            _committed[page] = offset;
            HighestPage = Math.Max(HighestPage, page);
        }

        frames.Clear();
        DatabaseSize = databaseSize;
    }

    // Frames of before the last checkpoint are overwritten from the front: what is left of them is older than all that has the header's salt.
    private void Keep(uint page, long offset, bool isCurrent)
    {
        if (!_remains.TryGetValue(page, out var other) || (isCurrent, offset).CompareTo((other.IsCurrent, other.Offset)) > 0)
        {
            _remains[page] = (offset, isCurrent);
        }
    }

    private bool Continues(LogChecksum? seed, ReadOnlySpan<byte> frame, LogChecksum stored)
        => seed is { } sum && sum.Add(frame[..8], _isBigEndian).Add(frame[FrameHeaderLength..], _isBigEndian) == stored;
}
