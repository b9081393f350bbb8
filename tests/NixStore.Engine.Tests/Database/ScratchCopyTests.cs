using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Database;

/// <summary>Where the copies are made that a left-over log needs. Alone, because the directory for them is the process's.</summary>
[Collection(NixEnvironment.Alone)]
public sealed class ScratchCopyTests : IDisposable
{
    private readonly string? _before = Environment.GetEnvironmentVariable("TMPDIR");
    private readonly SmallStore _store = new("a");
    private readonly string _scratch;

    public ScratchCopyTests()
    {
        _scratch = Directory.CreateDirectory(_store.Beside("scratch")).FullName;
        Environment.SetEnvironmentVariable("TMPDIR", _scratch);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("TMPDIR", _before);
        _store.Dispose();
    }

    [SkippableFact]
    public void The_copy_is_private_and_goes_when_reading_ends()
    {
        KillWriter("update ValidPaths set registrationTime = 4711");

        using (var database = StoreDatabase.OpenForReading(_store.Location))
        {
            Assert.Equal(4711, database.Find(_store.Full("a"))!.RegistrationTime);
            Assert.Equal((UnixFileMode)0x1c0, File.GetUnixFileMode(Assert.Single(Directory.EnumerateDirectories(_scratch))));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_scratch));
    }

    [SkippableFact]
    public void The_copy_goes_also_when_opening_fails()
    {
        KillWriter("drop trigger DeleteSelfRefs", "drop table Refs", "drop table DerivationOutputs", "alter table ValidPaths rename to Other");

        Assert.Equal("DatabaseEmpty", Assert.Throws<StoreDatabaseException>(() => StoreDatabase.OpenForReading(_store.Location)).ErrorId);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_scratch));
    }

    [SkippableFact]
    public void Without_a_place_for_it_the_remedy_is_TMPDIR()
    {
        KillWriter("update ValidPaths set registrationTime = 4711");
        Environment.SetEnvironmentVariable("TMPDIR", _store.Beside("absent/file"));
        File.WriteAllText(_store.Beside("absent"), "");

        var error = Assert.Throws<StoreDatabaseException>(() => StoreDatabase.OpenForReading(_store.Location));

        Assert.Equal("ScratchNotWritable", error.ErrorId);
        Assert.Contains("TMPDIR", error.Remedy, StringComparison.Ordinal);
    }

    private void KillWriter(params string[] statements) => ForeignDatabase.RunAndKill(_store.Location.DatabasePath, statements);
}
