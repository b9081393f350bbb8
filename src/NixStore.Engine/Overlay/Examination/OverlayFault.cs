using NixStore.Engine.Overlay.Mending;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>Something that was found, with what mends it.</summary>
/// <param name="Finding">For people.</param>
/// <param name="Mend">The step; null where there is nothing to mend, or where people must do it.</param>
internal sealed record OverlayFault(OverlayFinding Finding, OverlayMend? Mend = null);
