using System.Globalization;

namespace NixStore.Engine.Generations;

/// <summary>Generations by number.</summary>
/// <param name="numbers">Which.</param>
/// <param name="mayBeAbsent">True when a number that no generation has is none of anybody's business, as for nix-env.</param>
public sealed class NamedGenerations(IReadOnlyCollection<long> numbers, bool mayBeAbsent) : IGenerationSelection
{
    /// <inheritdoc/>
    public GenerationChoice Choose(string profile, IReadOnlyList<StoreGeneration> generations)
    {
        var named = generations.Where(generation => numbers.Contains(generation.Number)).Reverse().ToList();
        var inUse = named.Where(generation => generation.IsInUse).Select(InUse);
        var absent = mayBeAbsent ? [] : numbers.Except(generations.Select(generation => generation.Number)).Order().Select(number => NotFound(profile, number));
        return new GenerationChoice([.. named.Where(generation => !generation.IsInUse)], [.. inUse, .. absent]);
    }

    /// <summary>A profile has no such generation.</summary>
    internal static NixStoreException NotFound(string profile, long number) => new("GenerationNotFound", StoreErrorKind.NotFound,
        string.Create(CultureInfo.InvariantCulture, $"The profile '{profile}' has no generation {number}."), profile, "Get-StoreGeneration lists those it has.");

    private static NixStoreException InUse(StoreGeneration generation) => new("GenerationInUse", StoreErrorKind.Busy,
        string.Create(CultureInfo.InvariantCulture, $"Generation {generation.Number} of the profile '{generation.Profile}' is ")
            + (generation.IsCurrent ? "the current one." : generation.IsBooted ? "the system that was booted." : "the system that runs."),
        generation.Link,
        generation.IsCurrent ? "Make another one current first (Switch-StoreGeneration)." : "Activate another system, and boot it, first.");
}
