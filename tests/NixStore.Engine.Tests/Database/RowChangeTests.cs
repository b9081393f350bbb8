using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Database;

public sealed class RowChangeTests : IDisposable
{
    private static readonly StoreSignature s_one = new("one", Convert.ToBase64String(new byte[64]));
    private static readonly StoreSignature s_two = new("two", Convert.ToBase64String(new byte[64]));
    private readonly SmallStore _store = new("a", "b");

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Only_what_is_given_changes()
    {
        var before = Find();
        var hash = new NixHash(NixHashAlgorithm.Sha256, Enumerable.Repeat((byte)7, 32).ToArray());

        Change(new RowChange { NarHash = hash, NarSize = 4711 });

        var row = Find();
        Assert.Equal((hash.ToDatabaseString(), 4711L), (row.Hash, row.NarSize));
        Assert.Equal((before.RegistrationTime, before.Deriver, before.Signatures, before.ContentAddress),
            (row.RegistrationTime, row.Deriver, row.Signatures, row.ContentAddress));
        Assert.Equal(before.References, row.References);
    }

    [Fact]
    public void Everything_can_be_set_and_what_may_be_absent_can_be_cleared()
    {
        var hash = new NixHash(NixHashAlgorithm.Sha256, Enumerable.Repeat((byte)7, 32).ToArray());
        var all = new RowChange
        {
            RegistrationTime = DateTimeOffset.FromUnixTimeSeconds(99), Deriver = "/nix/store/d.drv", Signatures = [s_one, s_two],
            ContentAddress = new ContentAddress(ContentAddressMethod.Flat, hash), AddReferences = [_store.Full("b")],
        };
        Change(all);
        var row = Find();
        Assert.Equal((99L, "/nix/store/d.drv", $"{s_one} {s_two}", $"fixed:{hash}"), (row.RegistrationTime, row.Deriver, row.Signatures, row.ContentAddress));
        Assert.Contains(_store.Full("b"), row.References);
        Assert.Equal(["registrationTime", "deriver", "sigs", "ca", "Refs"], all.Columns);

        Change(new RowChange { Deriver = "", Signatures = [], ClearContentAddress = true });
        row = Find();
        Assert.Null(row.Deriver ?? row.Signatures ?? row.ContentAddress);
    }

    [Fact]
    public void A_row_of_which_nothing_was_right_is_mended()
    {
        _store.Sql($"update ValidPaths set hash = 'zz', narSize = 'much', registrationTime = 'soon', sigs = x'00' where path = '{_store.Full("b")}'");

        Change(new RowChange
        {
            NarHash = new NixHash(NixHashAlgorithm.Sha256, new byte[32]), NarSize = 1, RegistrationTime = DateTimeOffset.UnixEpoch, Signatures = [],
        });

        Assert.Empty(Find().MalformedColumns);
    }

    [Fact]
    public void A_change_that_fails_changes_nothing()
    {
        var error = Assert.Throws<StoreDatabaseException>(() => Change(new RowChange { NarSize = 4711, AddReferences = [_store.Full("absent")] }));

        Assert.Equal("ReferenceNotValid", error.ErrorId);
        Assert.NotEqual(4711, Find().NarSize);
    }

    [Fact]
    public void A_path_that_is_not_registered_cannot_be_changed()
    {
        using var writer = StoreDatabaseWriter.Open(_store.Location, CancellationToken.None);

        Assert.Equal(("PathNotValid", _store.Full("absent")), IdAndTarget(() => writer.Change(_store.Full("absent"), new RowChange { NarSize = 1 })));
        Assert.Equal(("PathNotValid", _store.Full("absent")), IdAndTarget(() => writer.AddSignatures(_store.Full("absent"), [s_one])));
    }

    [Fact]
    public void Signatures_are_added_once()
    {
        using var writer = StoreDatabaseWriter.Open(_store.Location, CancellationToken.None);

        Assert.Equal(1, writer.AddSignatures(_store.Full("b"), [s_one]));
        Assert.Equal(1, writer.AddSignatures(_store.Full("b"), [s_one, s_two, s_two]));
        Assert.Equal(0, writer.AddSignatures(_store.Full("b"), [s_one]));
        Assert.Equal($"{s_one} {s_two}", Find().Signatures);
    }

    private static (string, string?) IdAndTarget(Action action)
    {
        var error = Assert.Throws<StoreDatabaseException>(action);
        return (error.ErrorId, error.Target);
    }

    private void Change(RowChange change)
    {
        using var writer = StoreDatabaseWriter.Open(_store.Location, CancellationToken.None);
        writer.Change(_store.Full("b"), change);
    }

    private PathRow Find()
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        return database.Find(_store.Full("b"))!;
    }
}
