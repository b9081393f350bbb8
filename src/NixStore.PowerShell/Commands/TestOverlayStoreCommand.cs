using System.Management.Automation;
using NixStore.Engine.Overlay.Examination;

namespace NixStore.PowerShell.Commands;

/// <summary>Test-OverlayStore: what is wrong with an overlay store, why, and what can be done.</summary>
[Cmdlet(VerbsDiagnostic.Test, "OverlayStore")]
[OutputType(typeof(OverlayFinding), typeof(bool))]
public sealed class TestOverlayStoreCommand : OverlayStoreCommand
{
    /// <summary>Read the contents of paths that both layers have, and compare them.</summary>
    [Parameter]
    public SwitchParameter CheckContents { get; set; }

    /// <summary>Give true or false for each store instead of the findings.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateOverlay();
        var options = new OverlayExaminationOptions { CheckContents = CheckContents };
        var isSound = true;
        Pump<OverlayFinding>(
            (found, stop) => OverlayExaminer.Examine(store, options, found, stop),
            finding =>
            {
                isSound &= finding.Severity == StoreFindingSeverity.Information;
                if (!Quiet)
                {
                    WriteObject(finding);
                }
            });
        if (Quiet)
        {
            WriteObject(isSound);
        }
    }
}
