using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Database;

/// <summary>
/// POSIX locks belong to the process: opening and closing the database in one place must not drop the locks of a connection in another
/// (hazard H22).
/// </summary>
public sealed class ConnectionLocksTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b", "c");

    public void Dispose() => _store.Dispose();

    [SkippableFact]
    public void A_log_is_not_reset_under_a_reader_whatever_else_this_process_opens_and_closes()
    {
        using var other = ForeignDatabase.Open(_store.Location.DatabasePath);
        other.Execute("update ValidPaths set registrationTime = 1");
        using (StoreDatabase.OpenForReading(_store.Location))
        {
            // In the middle of a question, which a StoreDatabase never is while others have a turn.
            using var connection = new SqliteConnection($"Data Source=file:{_store.Location.DatabasePath}?mode=ro;Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "select registrationTime from ValidPaths";
            using var rows = command.ExecuteReader();
            Assert.True(rows.Read());
            OpenAndCloseOnOtherThreads();
            other.Execute("update ValidPaths set registrationTime = 2");

            Assert.StartsWith("[(1, ", other.Ask("pragma wal_checkpoint(truncate)"), StringComparison.Ordinal);
            Assert.True(rows.Read());
            Assert.Equal(1, rows.GetInt64(0));
        }

        Assert.Equal("[(0, 0, 0)]", other.Ask("pragma wal_checkpoint(truncate)"));
    }

    [Fact]
    public void A_writer_keeps_its_locks_while_readers_come_and_go()
    {
        using var writer = StoreDatabaseWriter.Open(_store.Location, CancellationToken.None);
        writer.Register([_store.Write("d", [])]);
        var before = OwnLocks();
        Assert.NotEmpty(before);

        OpenAndCloseOnOtherThreads();

        Assert.Equal(before, OwnLocks());
    }

    private void OpenAndCloseOnOtherThreads() => Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 4 }, turn =>
    {
        if (turn % 4 == 3)
        {
            using var writer = StoreDatabaseWriter.Open(_store.Location, CancellationToken.None);
        }
        else
        {
            using var database = StoreDatabase.OpenForReading(_store.Location);
            Assert.InRange(database.ReadPaths().Count(), 3, 4);
        }
    });

    /// <summary>
    /// Record locks of this process on the database's files, as the kernel tells them of each descriptor: its list of all locks of the machine is
    /// read in pieces, and while others lock and unlock it misses some.
    /// </summary>
    private List<string> OwnLocks()
    {
        string[] files = [_store.Location.DatabasePath, _store.Location.DatabasePath + "-shm"];
        return [.. Directory.EnumerateFileSystemEntries("/proc/self/fd").Where(open => files.Contains(new FileInfo(open).LinkTarget))
            .SelectMany(open => File.ReadLines($"/proc/self/fdinfo/{Path.GetFileName(open)}")).Where(line => line.Contains("POSIX", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf("POSIX", StringComparison.Ordinal)..]).Order(StringComparer.Ordinal)];
    }
}
