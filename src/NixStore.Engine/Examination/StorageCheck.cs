using System.Buffers.Binary;
using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;
using NixStore.Engine.Native;

namespace NixStore.Engine.Examination;

/// <summary>How the database lies in its file: whether all of it is there, how changes are logged, how much of it is free.</summary>
internal sealed class StorageCheck : IDatabaseCheck
{
    private const int HeaderLength = 100;
    private const byte LogVersion = 2;

    // Less than this is not worth a word: pages come and go with each collection.
    private const long LeastFree = 1 << 20;
    private const int FreeFraction = 4;

    /// <inheritdoc/>
    public string Subject => "the database's file";

    /// <inheritdoc/>
    public IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined)
    {
        foreach (var finding in CheckHeader(examined))
        {
            yield return finding;
        }

        var (size, pages, free) = examined.Read(connection =>
            (ReadNumber(connection, "pragma page_size"), ReadNumber(connection, "pragma page_count"), ReadNumber(connection, "pragma freelist_count")));
        if (free * size >= LeastFree && free * FreeFraction >= pages)
        {
            yield return examined.Found(StoreDatabaseFindingKind.PagesFree,
                $"{free} of {pages} pages are free: the file of {ByteSize.Format(pages * size)} could be {ByteSize.Format(free * size)} shorter");
        }
    }

    /// <summary>
    /// The header as the file has it. A log that waits beside it may have a newer one, and more pages: of these two together, SQLite tells.
    /// </summary>
    private static List<StoreDatabaseFinding> CheckHeader(ExaminedStore examined)
    {
        var findings = new List<StoreDatabaseFinding>();
        Span<byte> header = stackalloc byte[HeaderLength];
        if (examined.Database.IsCopy || examined.IsInUse || examined.Files.Find(examined.Store.DatabasePath) is not { } file
            || Posix.Pread(file.Descriptor, header, 0) < header.Length || !header.StartsWith("SQLite format 3\0"u8))
        {
            return findings;
        }

        // Offsets: sqlite.org/fileformat2.html, "The Database Header". 1 stands for 65536 bytes a page.
        var stored = BinaryPrimitives.ReadUInt16BigEndian(header[16..]);
        var pageSize = stored == 1 ? 65536 : Math.Max((int)stored, 512);
        var pages = (long)BinaryPrimitives.ReadUInt32BigEndian(header[28..]);
        var hasCount = header.Slice(24, 4).SequenceEqual(header.Slice(92, 4));
        var there = Posix.Status(file.Descriptor).Size / pageSize;
        if (hasCount && there < pages)
        {
            findings.Add(examined.Found(StoreDatabaseFindingKind.DatabaseTruncated, $"the file ends after {there} of {pages} pages"));
        }

        if (header[18] != LogVersion)
        {
            findings.Add(examined.Found(StoreDatabaseFindingKind.JournalModeWrong, "the database does not use a write-ahead log"));
        }

        return findings;
    }

    private static long ReadNumber(SqliteConnection connection, string sql)
    {
        using var row = new Statement(connection, sql);
        return row.Step() ? row.Int64(0) : 0;
    }
}
