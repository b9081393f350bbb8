using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Database;

public sealed class LookupTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b", "c");
    private readonly StoreDatabase _database;

    public LookupTests()
    {
        _store.Sql("insert into Refs select id, id from ValidPaths; insert into DerivationOutputs select id, 'out', '/nix/store/x' from ValidPaths where id < 3;"
            + "insert into DerivationOutputs select id, 'dev', '/nix/store/y' from ValidPaths where id = 1");
        _database = StoreDatabase.OpenForReading(_store.Location);
    }

    public void Dispose()
    {
        _database.Dispose();
        _store.Dispose();
    }

    [Fact]
    public void A_row_is_found_by_path_by_id_and_by_hash_part()
    {
        var row = _database.Find(_store.Full("b"))!;

        Assert.Equal(_store.Full("b"), row.Path);
        Assert.Equal(new[] { _store.Full("a"), _store.Full("b") }.Order(StringComparer.Ordinal), row.References);
        Assert.Equal(row.Path, _database.Find(row.Id)!.Path);
        Assert.Equal(row.Path, _database.FindByHashPart(SmallStore.PathOf("b").HashPart)!.Path);
        Assert.Equal(row.Path, _database.FindByHashPart(SmallStore.PathOf("b").HashPart[..10])!.Path);
    }

    [Fact]
    public void What_is_not_registered_is_not_found()
    {
        Assert.Null(_database.Find(_store.Full("absent")));
        Assert.Null(_database.Find(999));
        Assert.Null(_database.FindByHashPart(SmallStore.PathOf("absent").HashPart));
        Assert.Null(_database.FindByHashPart(new string('z', 32)));
        Assert.Empty(_database.FindReferrers(_store.Full("absent")));
        Assert.Empty(_database.FindDerivers("/nix/store/absent"));
        Assert.Empty(_database.FindOutputs(_store.Full("c")));
    }

    [Fact]
    public void Referrers_leave_the_path_itself_out()
    {
        Assert.Equal([_store.Full("b")], _database.FindReferrers(_store.Full("a")));
        Assert.Empty(_database.FindReferrers(_store.Full("c")));
    }

    [Fact]
    public void Derivations_and_outputs_are_found_from_each_other()
    {
        Assert.Equal(new[] { _store.Full("a"), _store.Full("b") }.Order(StringComparer.Ordinal), _database.FindDerivers("/nix/store/x"));
        Assert.Equal(new Dictionary<string, string> { ["dev"] = "/nix/store/y", ["out"] = "/nix/store/x" }, _database.FindOutputs(_store.Full("a")));
    }

    [Fact]
    public void Sizes_are_read_alone() => Assert.All(_database.ReadSizes(), size => Assert.InRange(size.NarSize, 100, 1000));
}
