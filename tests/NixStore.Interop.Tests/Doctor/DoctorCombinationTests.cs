using System.Globalization;
using NixStore.Interop.Tests.Collection;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Doctor;

/// <summary>A store that is damaged in two or three ways at once is healed as well. A seed that fails fails again.</summary>
[Collection(LabCollection.Name)]
public sealed class DoctorCombinationTests(Lab lab)
{
    private const int Sample = 4;
    private const int Many = 200;

    [SkippableFact]
    public void Some_combinations_of_damage_are_healed()
    {
        // NIXSTORE_SEED=52,64 tries those that failed again.
        if (Environment.GetEnvironmentVariable("NIXSTORE_SEED") is { Length: > 0 } seeds)
        {
            Assert.All(seeds.Split(','), seed => Heal(int.Parse(seed, CultureInfo.InvariantCulture), 1));
            return;
        }

        Heal(Random.Shared.Next(Many, 1_000_000), Sample);
    }

    [SkippableFact]
    [Trait("Category", "Soak")]
    public void Two_hundred_combinations_of_damage_are_healed() => Heal(0, Many);

    private void Heal(int firstSeed, int count)
    {
        var failures = new List<string>();
        for (var seed = firstSeed; seed < firstSeed + count; seed++)
        {
            using var store = DamageDraw.Make(seed);
            var result = store.Heal(store.CacheIn(lab));
            var complaints = result.Fate == DoctorFate.Healed ? HealedCheck.Complaints(store) : [result.ToString()];
            if (complaints.Count > 0)
            {
                failures.Add($"seed {seed}, {string.Join(", ", store.Cases)}:\n  {string.Join("\n  ", complaints)}");
            }
        }

        CollectionReport.Write($"doctor: {count} combinations of damage from seed {firstSeed} on, {count - failures.Count} healed");
        Assert.True(failures.Count == 0, $"{failures.Count} of {count} were not healed:\n{string.Join('\n', failures)}");
    }
}
