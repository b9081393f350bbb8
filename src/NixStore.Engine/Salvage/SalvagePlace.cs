namespace NixStore.Engine.Salvage;

/// <summary>Where a row was found.</summary>
/// <param name="Origin">How it was found.</param>
/// <param name="Page">The page, from 1.</param>
/// <param name="IsInLog">True when the page was read from the write-ahead log, whose checksums vouch for its bytes.</param>
public readonly record struct SalvagePlace(SalvageOrigin Origin, uint Page, bool IsInLog = false);
