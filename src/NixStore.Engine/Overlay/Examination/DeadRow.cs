namespace NixStore.Engine.Overlay.Examination;

/// <summary>A row whose files are in no layer.</summary>
/// <param name="Name">The path's base name.</param>
/// <param name="Referrers">Which rows refer to it, as the end of a sentence; empty for none.</param>
/// <param name="Obstacle">Why it cannot be removed; null when it can.</param>
internal sealed record DeadRow(string Name, string Referrers, string? Obstacle);
