using NixStore.Interop.Tests.Damage;

namespace NixStore.Interop.Tests.Doctor;

/// <summary>Draws two or three kinds of damage that can be done to one store, and does them. The same seed gives the same.</summary>
internal static class DamageDraw
{
    private static readonly string[] s_cases =
        [.. DamageTable.All.Select(damage => damage.Name).Where(name => name is not ("b4-empty-store-not-mounted" or "h13-schema-newer"))];

    /// <summary>Makes a store with such damage. Of an order in which one kind leaves nothing for another to do, others are tried, then others drawn.</summary>
    internal static DoctorStore Make(int seed)
    {
        var random = new Random(seed);
        for (; ; )
        {
            var cases = s_cases.ToArray();
            random.Shuffle(cases);
            var store = Orders([.. cases.Take(random.Next(2, 4))]).Select(order => DoctorStore.TryMakeDamaged(order, out _)).FirstOrDefault(made => made is not null);
            if (store is not null)
            {
                return store;
            }
        }
    }

    private static IEnumerable<IReadOnlyList<string>> Orders(IReadOnlyList<string> cases)
        => cases.Count <= 1 ? [cases] : cases.SelectMany(first => Orders([.. cases.Where(other => other != first)]).Select(rest => (IReadOnlyList<string>)[first, .. rest]));
}
