namespace NixStore.Engine.Generations;

/// <summary>A rule that says which generations of a profile go.</summary>
public interface IGenerationSelection
{
    /// <summary>Chooses.</summary>
    /// <param name="profile">The profile's link, for messages.</param>
    /// <param name="generations">All generations of one profile, by number.</param>
    /// <returns>What is asked for and may be removed, and an error for each that was named although it is in use or not there.</returns>
    /// <exception cref="NixStoreException">CurrentGenerationUnknown</exception>
    GenerationChoice Choose(string profile, IReadOnlyList<StoreGeneration> generations);
}

/// <summary>What a selection chose.</summary>
/// <param name="Removable">What goes, highest number first, as Nix does.</param>
/// <param name="Errors">What was named and cannot go.</param>
public sealed record GenerationChoice(IReadOnlyList<StoreGeneration> Removable, IReadOnlyList<NixStoreException> Errors)
{
    /// <summary>Everything that a rule does not keep; what is in use is kept without a word.</summary>
    internal static GenerationChoice Except(IEnumerable<StoreGeneration> generations, Func<StoreGeneration, bool> isKept)
        => new([.. generations.Where(generation => !generation.IsInUse && !isKept(generation)).Reverse()], []);

    /// <summary>Rules count from the current generation, or must at least know it, to spare it.</summary>
    /// <exception cref="NixStoreException">CurrentGenerationUnknown</exception>
    internal static StoreGeneration RequireCurrent(string profile, IReadOnlyList<StoreGeneration> generations)
        => generations.FirstOrDefault(generation => generation.IsCurrent) ?? throw new NixStoreException(
            "CurrentGenerationUnknown", StoreErrorKind.InvalidData, $"The link of the profile '{profile}' points at none of its generations, so that no rule can spare the current one.",
            profile, "Point it at a generation with Switch-StoreGeneration -Number, or remove generations by their numbers.");
}
