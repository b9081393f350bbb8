namespace NixStore.Engine.Overlay.Mending;

/// <summary>What is wrong with an overlay store, and the steps that put right what can be.</summary>
/// <param name="Findings">Everything that was found.</param>
/// <param name="Steps">The steps, in their order.</param>
public sealed record OverlayPlan(IReadOnlyList<OverlayFinding> Findings, IReadOnlyList<PlannedMend> Steps)
{
    /// <summary>The errors that no step puts right: people must.</summary>
    public IEnumerable<OverlayFinding> Left { get; } = Findings.Where(finding => finding.Severity == StoreFindingSeverity.Error)
        .Except(Steps.SelectMany(step => step.Mended)).ToList();
}
