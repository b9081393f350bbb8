namespace NixStore.Engine.Rebuilding;

/// <summary>A derivation that names a path as one of its outputs.</summary>
/// <param name="Maker">The derivation.</param>
/// <param name="Name">Name of the output.</param>
/// <param name="Output">What the derivation says of it.</param>
internal sealed record DerivedOutput(IndexedDerivation Maker, string Name, DerivationOutput Output);
