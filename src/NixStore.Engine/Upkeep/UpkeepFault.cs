namespace NixStore.Engine.Upkeep;

/// <summary>Something that was found, with what mends it.</summary>
/// <param name="Finding">For people.</param>
/// <param name="Mends">The steps, in their order; none where there is nothing to mend, or where people must do it.</param>
internal sealed record UpkeepFault(StoreFinding Finding, params IReadOnlyList<UpkeepMend> Mends);
