namespace NixStore.Engine.Overlay.Mending;

/// <summary>A step of a repair, with what takes it.</summary>
public sealed class PlannedMend
{
    internal PlannedMend(OverlayRepairStep step, OverlayMend mend, IReadOnlyList<OverlayFinding> mended) => (Step, Mend, Mended) = (step, mend, mended);

    /// <summary>The step as it is planned.</summary>
    public OverlayRepairStep Step { get; }

    /// <summary>All that it puts right.</summary>
    public IReadOnlyList<OverlayFinding> Mended { get; }

    internal OverlayMend Mend { get; }
}
