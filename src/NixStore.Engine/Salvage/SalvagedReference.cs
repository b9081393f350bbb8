namespace NixStore.Engine.Salvage;

/// <summary>A row of <c>Refs</c> that was found in a damaged database.</summary>
/// <param name="Referrer">The id of the row that refers.</param>
/// <param name="Reference">The id of the row that is referred to.</param>
/// <param name="Origin">How it was found.</param>
public readonly record struct SalvagedReference(long Referrer, long Reference, SalvageOrigin Origin);
