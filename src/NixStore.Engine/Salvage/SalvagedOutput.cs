namespace NixStore.Engine.Salvage;

/// <summary>A row of <c>DerivationOutputs</c> that was found in a damaged database.</summary>
/// <param name="Derivation">The id of the derivation's row.</param>
/// <param name="Name">The output's name.</param>
/// <param name="Path">Its full logical path.</param>
/// <param name="Origin">How it was found.</param>
public sealed record SalvagedOutput(long Derivation, string Name, string Path, SalvageOrigin Origin);
