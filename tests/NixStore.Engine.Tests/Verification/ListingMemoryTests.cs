using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Verification;

/// <summary>Alone, because it measures what the whole process holds.</summary>
[Collection(NixEnvironment.Alone)]
public sealed class ListingMemoryTests : IDisposable
{
    private const int Rows = 100_000;
    private readonly SmallStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void What_is_held_does_not_grow_with_the_rows_read()
    {
        _store.Sql($"""
            with recursive n(x) as (select 1 union all select x + 1 from n where x < {Rows})
            insert into ValidPaths (id, path, hash, registrationTime, deriver, narSize, sigs)
            select x, printf('/nix/store/%032d-package-%d', x, x), 'sha256:{new string('a', 64)}', x, printf('/nix/store/%032d-package-%d.drv', x, x), x,
                'lab-1:{Convert.ToBase64String(new byte[64])}' from n;
            insert into Refs select id, id - 1 from ValidPaths where id > 1;
            insert into Refs select id, id / 2 from ValidPaths where id > 3;
            """);
        using var database = StoreDatabase.OpenForReading(_store.Location);
        using var paths = PathLister.Open(database, acceptEmpty: true).List().GetEnumerator();

        var early = HeldAfter(paths, 20_000);
        var late = HeldAfter(paths, Rows - 20_000);

        // Names of the 65,536 rows referred to last are kept: about 150 bytes each. All rows would be 100 MB.
        Assert.InRange(late - early, long.MinValue, 12_000_000);
        Assert.False(paths.MoveNext());
    }

    private static long HeldAfter(IEnumerator<StorePathInfo> paths, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            Assert.True(paths.MoveNext());
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
