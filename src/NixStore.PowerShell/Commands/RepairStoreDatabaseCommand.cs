using System.Management.Automation;
using NixStore.Caches.Repair;
using NixStore.Engine.Backups;
using NixStore.Engine.Healing;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Repair-StoreDatabase: heals a store's database, whatever is wrong with it, and keeps the old one.</summary>
[Cmdlet(VerbsDiagnostic.Repair, "StoreDatabase", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(StoreRepairStep))]
public sealed class RepairStoreDatabaseCommand : StoreRepairCommand
{
    /// <summary>Only give the steps that would be taken; nobody is asked and nothing changed.</summary>
    [Parameter]
    public SwitchParameter Plan { get; set; }

    /// <summary>Make every row anew from the files, as if there were no database.</summary>
    [Parameter]
    public SwitchParameter Rebuild { get; set; }

    /// <summary>Read the contents of all paths, for references that the database has lost without a trace.</summary>
    [Parameter]
    public SwitchParameter CheckContents { get; set; }

    /// <summary>A backup, whose rows count as far as they agree with the files. Default: the newest one of the store; with -Rebuild, none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BackupCompleter))]
    public string? Backup { get; set; }

    /// <summary>Heal the database of an empty store directory, instead of taking it for one that is not mounted.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override RepairRequest Request => base.Request with { AcceptEmptyStore = Force };

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        WithSources(session =>
        {
            var options = new HealingOptions
            {
                Rebuild = Rebuild, CheckContents = CheckContents, Repair = session.OptionsFor(store), Workers = ThrottleLimit, Backup = FindBackup(store),
            };
            if (Plan || IsWhatIf)
            {
                Write(Run(store, "Planning the repair of the database", (state, stop) => DatabaseHealer.Plan(store, options, state, stop)));
            }
            else if (ShouldProcess($"the database of {store.Url}", Rebuild ? "Replace by a new one that is made from the files" : "Repair, and keep the old one"))
            {
                Write(Run(store, "Repairing the database", (state, stop) => DatabaseHealer.Heal(store, options, Patience, NoteWaiting, state, stop)));
            }
        });
    }

    private string? FindBackup(StoreLocation store) => Backup is not null ? SessionState.Path.GetUnresolvedProviderPathFromPSPath(Backup)
        : Rebuild ? null : DatabaseBackups.FindNewest(store)?.Path;

    private DatabaseHealing Run(StoreLocation store, string activity, Func<VerificationProgress, CancellationToken, DatabaseHealing> work)
    {
        DatabaseHealing? result = null;
        var state = new VerificationProgress();
        var contents = new VerificationStatus(state);
        using var progress = NewProgress(activity);
        progress.Follow(() => state.TotalPaths > 0 ? contents.Ask() : (Describe($"reading {store.DatabasePath}"), 0, null));
        Pump<DatabaseHealing>((emit, stop) => emit(work(state, stop)), healed => result = healed, progress);
        return result!;
    }

    private void Write(DatabaseHealing healing)
    {
        foreach (var finding in healing.Findings)
        {
            WriteVerbose($"{finding.Severity}: {finding}");
        }

        foreach (var omission in healing.Omitted)
        {
            WriteVerbose($"without a row: {omission}");
        }

        WriteObject(healing.Steps, enumerateCollection: true);
    }
}
