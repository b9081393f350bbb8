using System.Management.Automation;
using NixStore.Caches.Repair;
using NixStore.Engine.Doctor;
using NixStore.Engine.Reporting;

namespace NixStore.PowerShell.Commands;

/// <summary>Repair-NixStore: the whole round for a damaged store, in the order in which one thing depends on the other.</summary>
[Cmdlet(VerbsDiagnostic.Repair, "NixStore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(NixStoreRepair))]
public sealed class RepairNixStoreCommand : StoreRepairCommand
{
    /// <summary>Let a Nix on this machine build paths again that no source has.</summary>
    [Parameter]
    public SwitchParameter Rebuild { get; set; }

    /// <summary>A path that is alive keeps the derivation it was built from. Default: keep-derivations of nix.conf.</summary>
    [Parameter]
    public SwitchParameter KeepDerivations { get; set; }

    /// <summary>A derivation that is alive keeps its outputs. Default: keep-outputs of nix.conf.</summary>
    [Parameter]
    public SwitchParameter KeepOutputs { get; set; }

    /// <summary>Write an HTML page that shows what was wrong and what was done.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ReportPath { get; set; }

    /// <summary>Fetch every path of an empty store directory again, instead of taking it for one that is not mounted.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override RepairRequest Request => base.Request with { Rebuild = Rebuild, AcceptEmptyStore = Force };

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        var isPlan = IsWhatIf;
        if (!ShouldProcess($"the store {store.Url}", "Repair (the old database and what is set aside are kept)") && !isPlan)
        {
            return;
        }

        WithSources(session =>
        {
            var state = new DoctorProgress();
            using var progress = NewProgress(isPlan ? "Planning the repair of the store" : "Repairing the store");
            progress.Follow(() => Ask(state));
            NixStoreRepair? result = null;
            Pump(
                (emit, stop) =>
                {
                    var options = new DoctorOptions
                    {
                        Repair = session.OptionsFor(store),
                        Settings = SurveyOptions.Of(MyInvocation, []).Settings,
                        Workers = ThrottleLimit,
                        Timeout = Patience,
                        Waiting = NoteWaiting,
                        Progress = state,
                        Found = finding => emit(() => WriteVerbose($"{finding.Severity}: {finding}")),
                        Stepped = step => emit(() => Tell(step)),
                    };
                    var repair = isPlan ? StoreDoctor.Diagnose(store, options, stop) : StoreDoctor.Repair(store, options, stop);
                    emit(() => result = repair);
                },
                progress);
            Finish(result!);
        });
    }

    private (string Status, long Done, long? Total) Ask(DoctorProgress state)
    {
        var (status, done, total) = new VerificationStatus(state.Counts).Ask();
        return state.Counts.TotalPaths > 0 ? ($"{state.Subject}: {status}", done, total) : (Describe(state.Subject), 0, null);
    }

    private void Tell(StoreRepairStep step)
    {
        WriteVerbose($"{step.Outcome}: {step}");
        if (step.Outcome == StoreRepairStepOutcome.Failed)
        {
            WriteError(new NixStoreException("RepairStepFailed", StoreErrorKind.InvalidData, step.Error ?? $"{step}", step.Path), step);
        }
    }

    private void Finish(NixStoreRepair repair)
    {
        if (ReportPath is not null)
        {
            RepairReportPage.Write(SessionState.Path.GetUnresolvedProviderPathFromPSPath(ReportPath), repair);
        }

        WriteObject(repair);
    }
}
