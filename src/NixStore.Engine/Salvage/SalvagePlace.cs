namespace NixStore.Engine.Salvage;

/// <summary>Where a row was found.</summary>
/// <param name="Origin">How it was found.</param>
/// <param name="Page">The page, from 1.</param>
/// <param name="IsInLog">
/// True when the row was read from the write-ahead log with all its overflow pages: its checksums vouch for each byte. Of a row in the file
/// nothing does, so that a changed byte of a text is not noticed.
/// </param>
public readonly record struct SalvagePlace(SalvageOrigin Origin, uint Page, bool IsInLog = false);
