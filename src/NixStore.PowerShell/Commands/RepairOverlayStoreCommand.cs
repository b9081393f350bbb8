using System.Management.Automation;
using NixStore.Engine.Overlay.Examination;
using NixStore.Engine.Overlay.Mending;

namespace NixStore.PowerShell.Commands;

/// <summary>Repair-OverlayStore: puts right what Test-OverlayStore finds and what needs nobody's judgement.</summary>
[Cmdlet(VerbsDiagnostic.Repair, "OverlayStore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(OverlayRepairStep))]
public sealed class RepairOverlayStoreCommand : OverlayStoreCommand
{
    private const int MostWarnings = 5;

    /// <summary>Only give the steps that would be taken; nobody is asked and nothing changed.</summary>
    [Parameter]
    public SwitchParameter Plan { get; set; }

    /// <summary>Write the lower database's log into the database, instead of copying rows that are only there. Changes the lower store's database file.</summary>
    [Parameter]
    public SwitchParameter CheckpointLower { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateOverlay();
        OverlayPlan? plan = null;
        Pump<OverlayPlan>(
            (emit, stop) => emit(OverlayMender.Plan(store, new OverlayExaminationOptions { CheckpointLower = CheckpointLower }, stop)), made => plan = made);
        foreach (var finding in plan!.Findings)
        {
            WriteVerbose($"{finding.Severity}: {finding}");
        }

        if (Plan)
        {
            WriteObject(plan.Steps.Select(step => step.Step), enumerateCollection: true);
        }
        else
        {
            using var mender = OverlayMender.Open(store);
            foreach (var step in plan.Steps)
            {
                Take(mender, step);
            }
        }

        WarnOf([.. plan.Left]);
    }

    private void WarnOf(List<OverlayFinding> left)
    {
        foreach (var finding in left.Take(MostWarnings))
        {
            WriteWarning($"{(finding.Path is null ? "" : $"{finding.Path}: ")}{finding.Detail}. {finding.Remedy}");
        }

        if (left.Count > MostWarnings)
        {
            WriteWarning($"{left.Count - MostWarnings} more errors are left, which Test-OverlayStore shows.");
        }
    }

    private void Take(OverlayMender mender, PlannedMend planned)
    {
        if (!ShouldProcess(planned.Step.Path, planned.Step.Detail))
        {
            return;
        }

        OverlayRepairStep? taken = null;
        Pump<OverlayRepairStep>((emit, stop) => emit(mender.Apply(planned, stop)), step => taken = step);
        WriteObject(taken);
        if (taken!.Outcome == StoreRepairStepOutcome.Failed)
        {
            WriteError(new NixStoreException("RepairStepFailed", StoreErrorKind.InvalidData, taken.Error ?? $"{taken}", taken.Path), taken);
        }
    }
}
