using NixStore.Engine.Native;

namespace NixStore.Engine.Examination;

/// <summary>
/// What a crash has left beside the database: changes in its write-ahead log, a log that is torn, a rollback journal
/// (NIX-ON-DAMAGE, cases h8 to h10). While somebody has the database open, these are at work and no concern.
/// </summary>
internal sealed class LogCheck : IDatabaseCheck
{
    // The first bytes of a journal that counts; a finished one has NULs there (sqlite.org/fileformat2.html).
    private static ReadOnlySpan<byte> JournalMagic => [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

    /// <inheritdoc/>
    public string Subject => "the logs beside the database";

    /// <inheritdoc/>
    public IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined)
    {
        if (examined.IsInUse)
        {
            yield break;
        }

        var journal = examined.Store.DatabasePath + "-journal";
        if (IsHot(examined, journal))
        {
            yield return examined.Found(StoreDatabaseFindingKind.JournalHot, $"'{journal}' was left in the midst of a change");
        }

        var path = examined.Store.DatabasePath + "-wal";
        if (examined.Files.Find(path) is { } file && Posix.Status(file.Descriptor).Size > 0)
        {
            foreach (var finding in Describe(examined, path, WriteAheadLog.Read(file.Descriptor, examined.Cancellation)))
            {
                yield return finding;
            }
        }
    }

    private static bool IsHot(ExaminedStore examined, string journal)
    {
        Span<byte> magic = stackalloc byte[8];
        return examined.Files.Find(journal) is { } file && Posix.Pread(file.Descriptor, magic, 0) == magic.Length && magic.SequenceEqual(JournalMagic);
    }

    private static IEnumerable<StoreDatabaseFinding> Describe(ExaminedStore examined, string path, WriteAheadLog log)
    {
        if (!log.HasHeader)
        {
            yield return examined.Found(StoreDatabaseFindingKind.LogDamaged, $"'{path}' has no valid header: SQLite ignores all of it");
        }
        else if (log.IsTorn)
        {
            yield return examined.Found(StoreDatabaseFindingKind.LogDamaged,
                $"'{path}' is torn after {log.CommittedFrames + log.UnfinishedFrames} pages: a change that was on its way is lost");
        }

        if (log.CommittedFrames > 0)
        {
            yield return examined.Found(StoreDatabaseFindingKind.LogPending, $"{log.CommittedFrames} changed pages wait in '{path}'");
        }
    }
}
