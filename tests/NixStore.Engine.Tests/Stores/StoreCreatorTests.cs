using NixStore.Engine.Database;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Stores;

public sealed class StoreCreatorTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StoreLocation _store;

    public StoreCreatorTests() => _store = StoreLocator.Locate(_directory["root"]);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_new_store_is_empty_and_can_be_opened()
    {
        StoreCreator.EnsureExists(_store);

        Assert.Equal("10", File.ReadAllText(_store.SchemaPath));
        Assert.True(Directory.Exists(_store.LinksDirectory));
        using var database = StoreDatabase.OpenForReading(_store);
        Assert.Equal(0, database.CountPaths());
    }

    [Fact]
    public void An_existing_store_is_left_alone()
    {
        StoreCreator.EnsureExists(_store);
        var untouched = Untouched.Of(_store);

        StoreCreator.EnsureExists(_store);

        untouched.Verify();
    }

    [Theory]
    [InlineData("rm db/schema")]
    [InlineData("rm db/schema && printf 1 > db/schema.new")]
    [InlineData("rm -r db")]
    [InlineData("rm db/*")]
    [InlineData("rm db/* && : > db/db.sqlite")]
    [InlineData("rm -r db temproots profiles ../../store/.links")]
    public void A_creation_that_was_killed_is_completed_by_the_next_one(string undo)
    {
        StoreCreator.EnsureExists(_store);
        Command.Run("/bin/sh", "-c", $"cd {_store.StateDirectory} && {undo}");

        StoreCreator.EnsureExists(_store);

        using var writer = StoreDatabaseWriter.Open(_store, CancellationToken.None);
        Assert.True(Directory.Exists($"{_store.StateDirectory}/temproots"));
        Assert.False(File.Exists(_store.SchemaPath + ".new"));
    }

    [SkippableTheory]
    [InlineData("nix/store")]
    [InlineData("nix/store/.links")]
    [InlineData("nix/store/.links", "nix/var/nix/db", "nix/var/nix/gcroots/auto")]
    [InlineData("nix/store/.links", "nix/var/nix/db", "nix/var/nix/gcroots/auto", "nix/var/nix/profiles/per-user", "nix/var/nix/temproots")]
    public void A_creation_that_was_killed_is_completed_by_real_Nix_as_well(params string[] made)
    {
        var nix = RealNix.Require();
        foreach (var directory in made)
        {
            Directory.CreateDirectory(_directory["root/" + directory]);
        }

        File.WriteAllText(_directory["file"], "x");
        nix.Store(_store, "--add", _directory["file"]);

        StoreCreator.EnsureExists(_store);
        using var database = StoreDatabase.OpenForReading(_store);
        Assert.Equal(1, database.CountPaths());
    }

    [SkippableFact]
    public void A_database_without_its_schema_file_is_accepted_by_real_Nix()
    {
        var nix = RealNix.Require();
        StoreCreator.EnsureExists(_store);
        File.Delete(_store.SchemaPath);
        File.WriteAllText(_directory["file"], "x");

        nix.Store(_store, "--add", _directory["file"]);

        Assert.Equal("10", File.ReadAllText(_store.SchemaPath));
    }

    [Fact]
    public void A_store_that_lost_its_database_gets_no_new_one()
    {
        StoreCreator.EnsureExists(_store);
        File.WriteAllText($"{_store.RealDirectory}/{SmallStore.PathOf("a").BaseName}", "");
        Directory.Delete($"{_store.StateDirectory}/db", recursive: true);

        var error = Assert.Throws<NixStoreException>(() => StoreCreator.EnsureExists(_store));

        Assert.Equal(("DatabaseLost", _store.DatabasePath), (error.ErrorId, error.Target));
        Assert.NotNull(error.Remedy);
        Assert.False(Directory.Exists($"{_store.StateDirectory}/db"));
    }

    [Fact]
    public void A_read_only_store_is_not_made()
    {
        var error = Assert.Throws<NixStoreException>(() => StoreCreator.EnsureExists(StoreLocator.Locate(_directory["root"] + "?read-only=true")));

        Assert.Equal("StoreReadOnly", error.ErrorId);
        Assert.False(Directory.Exists(_directory["root"]));
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_named()
    {
        File.WriteAllText(_directory["root"], "a file");

        var error = Assert.Throws<NixStoreException>(() => StoreCreator.EnsureExists(_store));

        Assert.Equal(("StoreNotCreated", _store.RealDirectory), (error.ErrorId, error.Target));
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.Versions), MemberType = typeof(RealNix))]
    public void Real_Nix_accepts_it_and_adds_to_it(string version)
    {
        var nix = RealNix.Require(version);
        StoreCreator.EnsureExists(_store);
        File.WriteAllText(_directory["file"], "x");

        var path = nix.Store(_store, "--add", _directory["file"]);
        nix.Verify(_store);

        using var database = StoreDatabase.OpenForReading(_store);
        Assert.Equal(path, Assert.Single(database.ReadPaths()).Path);
        Assert.Equal("10", File.ReadAllText(_store.SchemaPath));
    }
}
