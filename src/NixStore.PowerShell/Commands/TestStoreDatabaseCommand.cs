using System.Management.Automation;
using NixStore.Engine.Examination;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Test-StoreDatabase: what is wrong with a store's database.</summary>
[Cmdlet(VerbsDiagnostic.Test, "StoreDatabase")]
[OutputType(typeof(StoreDatabaseFinding), typeof(bool))]
public sealed class TestStoreDatabaseCommand : StoreCommand
{
    /// <inheritdoc/>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public override string? Store { get; set; }

    /// <summary>Read the contents of all paths as well, for references, sizes and hashes that the database has wrong.</summary>
    [Parameter]
    public SwitchParameter CheckContents { get; set; }

    /// <summary>Give true or false for each store instead of the findings.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>How many paths are read at once with -CheckContents. Default: one for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        var options = new DatabaseExaminationOptions { CheckContents = CheckContents, Workers = ThrottleLimit };
        var state = new ExaminationProgress();
        var contents = new VerificationStatus(state.Contents);
        using var progress = NewProgress("Examining the database");
        progress.Follow(() => state.Contents.TotalPaths > 0 ? contents.Ask() : (state.Subject, 0, null));
        var isSound = true;
        Pump<StoreDatabaseFinding>(
            (found, stop) => DatabaseExaminer.Examine(store, options, found, state, stop),
            finding =>
            {
                isSound &= finding.Severity == StoreFindingSeverity.Information;
                if (!Quiet)
                {
                    WriteObject(finding);
                }
            },
            progress);
        if (Quiet)
        {
            WriteObject(isSound);
        }
    }
}
