namespace NixStore.Interop.Tests.Collection;

/// <summary>
/// On a damaged store a collection goes through and deletes nothing that was alive before the damage, or it refuses and deletes nothing at all.
/// </summary>
public sealed class CollectionDamageTests
{
    public static TheoryData<string> Cases => [.. CollectionCase.All.Select(damage => damage.Name)];

    /// <summary>Every other one; the soak has all.</summary>
    public static TheoryData<string> SomeCases => [.. CollectionCase.All.Where((_, i) => i % 5 == 2).Select(damage => damage.Name)];

    [SkippableTheory]
    [MemberData(nameof(SomeCases))]
    public void Damage_makes_no_collection_delete_what_is_needed(string name) => CollectDamaged(name);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    [Trait("Category", "Soak")]
    public void No_damage_makes_a_collection_delete_what_is_needed(string name) => CollectDamaged(name);


    private void CollectDamaged(string name)
    {
        var damage = CollectionCase.All.Single(damage => damage.Name == name);
        using var store = DamagedStore.Make(name);
        var (before, rows) = (store.Hash(), store.Rows());

        var result = Collecting.TryOurs(store.Root, "--json");

        Assert.Equal(0, store.CountLost());
        if (damage.Fate == CollectionFate.Refuses)
        {
            Assert.NotInRange(result.ExitCode, 0, 1);
            Assert.Contains($"\"error\":\"{damage.Detail}\"", result.Error, StringComparison.Ordinal);
            Assert.Equal(before, store.Hash());
            return;
        }

        Assert.True(result.ExitCode == (damage.Fate == CollectionFate.Collects ? 0 : 1), result.Output + result.Error);
        Assert.NotEqual(before, store.Hash());
        Assert.Empty(store.Live.Intersect(rows).Except(store.Rows()));
        if (damage.Fate == CollectionFate.CollectsTheRest)
        {
            Assert.Contains($"\"error\":\"{damage.Detail}\"", result.Error, StringComparison.Ordinal);
        }

        using var untouched = DamagedStore.Make(name);
        Assert.Empty(store.Complaints().Except(untouched.Complaints()));
    }
}
