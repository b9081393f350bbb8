using NixStore.Engine.Database;

namespace NixStore.Engine.Salvage;

/// <summary>The pages of a database as SQLite would see them: those that its log has committed, and the file's own for the rest.</summary>
internal sealed class PageSource
{
    // 1 TiB of the usual pages: a bound for what has to be remembered of each.
    private const long MostPages = 1 << 28;

    private readonly SalvageFile _file;
    private readonly WriteAheadLog _log;

    private PageSource(SalvageFile file, WriteAheadLog log, int pageSize)
    {
        (_file, _log, PageSize, UsableSize) = (file, log, pageSize, pageSize);
        var inFile = (file.Length + pageSize - 1) / pageSize;

        // A page number in the log may be anything; the pages that there are cannot be more than this.
        PageCount = (uint)Math.Min(Math.Max(inFile, log.HighestPage), Math.Min(inFile + log.Summary.CommittedFrames, MostPages));
    }

    /// <summary>Bytes of a page.</summary>
    internal int PageSize { get; }

    /// <summary>Bytes of a page that SQLite uses.</summary>
    internal int UsableSize { get; private set; }

    /// <summary>How many pages there are to be read.</summary>
    internal uint PageCount { get; }

    /// <summary>How many pages there should be; 0 when nothing says so.</summary>
    internal uint StatedCount { get; private set; }

    /// <summary>The first trunk page of the list of free pages; 0 when there is none.</summary>
    internal uint FirstFreePage { get; private set; }

    /// <summary>The log.</summary>
    internal WriteAheadLog Log => _log;

    /// <summary>Bytes of both files together: what no sound reading can exceed.</summary>
    internal long TotalBytes => _file.Length + (_log.Summary.Frames * PageSize);

    /// <summary>Opens a database and its log.</summary>
    /// <exception cref="Native.StoreIOException">A file may not be opened.</exception>
    internal static PageSource Open(DatabaseFiles files, string path, LossList losses, CancellationToken cancellation)
    {
        var file = SalvageFile.Open(files, path);
        var log = new WriteAheadLog(SalvageFile.Open(files, path + "-wal"));
        if (file.Length == 0)
        {
            losses.Add(file.Exists ? "is an empty file" : "has no file");
        }

        var start = new byte[DatabaseHeader.Length];
        var stated = file.TryRead(0, start) && DatabaseHeader.TryParse(start, out var header) ? header.PageSize : 0;
        var pageSize = log.IsSound ? log.PageSize : PageSizeGuess.Guess(file, stated);
        log.Index(pageSize, losses, cancellation);
        var pages = new PageSource(file, log, pageSize);
        pages.ReadHeader(losses);
        return pages;
    }

    /// <summary>Reads a page, from the log where that has it.</summary>
    /// <param name="page">Its number, from 1.</param>
    /// <param name="buffer">Where to; of the size of a page.</param>
    /// <param name="isInLog">Whether it came from the log.</param>
    /// <param name="problem">When it cannot be read, why.</param>
    internal bool TryRead(uint page, Span<byte> buffer, out bool isInLog, out string problem)
    {
        problem = "";
        isInLog = false;
        if (page == 0 || page > PageCount)
        {
            problem = "is behind the end of the file";
            return false;
        }

        var isRead = _log.TryReadCommitted(page, buffer, out isInLog);
        if (isRead || (!isInLog && _file.TryRead((page - 1L) * PageSize, buffer)))
        {
            return true;
        }

        problem = isInLog || (long)page * PageSize <= _file.Length ? "could not be read from the disk" : "is behind the end of the file";
        return false;
    }

    private void ReadHeader(LossList losses)
    {
        var first = new byte[PageSize];
        if (TryRead(1, first, out _, out _) && DatabaseHeader.TryParse(first, out var header))
        {
            (UsableSize, FirstFreePage) = (PageSize - header.ReservedBytes, header.FirstFreePage);
            StatedCount = header.PageCount;
            if (header.PageSize != PageSize)
            {
                losses.Add($"has a header that gives a wrong size of pages ({header.PageSize} instead of {PageSize})");
            }
        }
        else if (_file.Length > 0)
        {
            losses.Add("has a damaged header");
        }

        StatedCount = _log.DatabaseSize > 0 ? _log.DatabaseSize : StatedCount;
        if (StatedCount > PageCount)
        {
            losses.Add(null, PageCount + 1, StatedCount, "is behind the end of the file");
        }
    }
}
