using NixStore.Engine.Examination;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Examination;

/// <summary>Logs that another SQLite has written, read as its recovery reads them.</summary>
public sealed class WriteAheadLogTests : IDisposable
{
    private const string Change = "update ValidPaths set registrationTime = registrationTime + 1";
    private readonly SmallStore _store = new("a", "b", "c");

    private string Log => _store.Location.DatabasePath + "-wal";

    public void Dispose() => _store.Dispose();

    [SkippableFact]
    public void Committed_pages_are_counted()
    {
        ForeignDatabase.RunAndKill(_store.Location.DatabasePath, Change, Change);
        var frames = (new FileInfo(Log).Length - 32) / (4096 + 24);

        Assert.Equal(new WriteAheadLog(true, frames, 0, false), Read());
    }

    [SkippableFact]
    public void Pages_of_a_change_that_was_never_finished_are_told_apart()
    {
        ForeignDatabase.RunAndKill(_store.Location.DatabasePath, Change, "pragma cache_size = 1", "begin immediate",
            "create table Large as with n(x) as (select 1 union all select x + 1 from n where x < 2000) select x, zeroblob(1000) from n");

        var log = Read();

        Assert.True(log is { HasHeader: true, CommittedFrames: > 0, UnfinishedFrames: > 0 }, $"{log}");
    }

    [SkippableFact]
    public void Pages_from_before_the_log_began_anew_are_no_damage()
    {
        ForeignDatabase.RunAndKill(_store.Location.DatabasePath, Change, Change, Change, "pragma wal_checkpoint(restart)", Change);

        var log = Read();

        Assert.Equal((true, 0L, false), (log.HasHeader, log.UnfinishedFrames, log.IsTorn));
        Assert.InRange(log.CommittedFrames, 1, (new FileInfo(Log).Length - 32) / (4096 + 24) - 1);
    }

    [SkippableTheory]
    [InlineData(100)]
    [InlineData(4100)]
    [InlineData(4110)]
    public void A_page_that_is_cut_off_is_torn(int missing)
    {
        ForeignDatabase.RunAndKill(_store.Location.DatabasePath, Change, Change);
        using (var file = File.OpenWrite(Log))
        {
            file.SetLength(file.Length - missing);
        }

        Assert.True(Read().IsTorn);
    }

    [SkippableFact]
    public void A_flipped_bit_ends_what_counts()
    {
        ForeignDatabase.RunAndKill(_store.Location.DatabasePath, Change, Change);
        var bytes = File.ReadAllBytes(Log);
        bytes[^10] ^= 1;
        File.WriteAllBytes(Log, bytes);

        var log = Read();

        Assert.True(log.IsTorn);
        Assert.Equal((bytes.Length - 32) / (4096 + 24) - 1, log.CommittedFrames + log.UnfinishedFrames);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(5000)]
    public void What_is_no_log_has_no_header(int length)
    {
        File.WriteAllBytes(Log, Enumerable.Repeat((byte)0x37, length).ToArray());
        Assert.Equal(new WriteAheadLog(false, 0, 0, false), Read());
    }

    private WriteAheadLog Read()
    {
        using var file = Posix.Open(Log, OpenFlags.ReadOnly);
        return WriteAheadLog.Read(file, CancellationToken.None);
    }
}
