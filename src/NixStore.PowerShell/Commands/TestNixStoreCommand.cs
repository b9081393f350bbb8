using System.Management.Automation;
using NixStore.Engine.Checkup;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Test-NixStore: what is wrong with a whole store.</summary>
[Cmdlet(VerbsDiagnostic.Test, "NixStore", DefaultParameterSetName = ContentsSet)]
[OutputType(typeof(StoreFinding), typeof(bool))]
public sealed class TestNixStoreCommand : StoreCommand
{
    private const string ContentsSet = "Contents";
    private const string SizeSet = "Size";

    /// <inheritdoc/>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public override string? Store { get; set; }

    /// <summary>Read the contents of all paths as well.</summary>
    [Parameter(ParameterSetName = ContentsSet)]
    public SwitchParameter CheckContents { get; set; }

    /// <summary>Read contents, those that were read longest ago first, and begin no further path after this time.</summary>
    [Parameter(ParameterSetName = ContentsSet)]
    [Duration]
    public TimeSpan? Budget { get; set; }

    /// <summary>Read the contents of those paths that were not found intact within this time, or were changed since.</summary>
    [Parameter(ParameterSetName = ContentsSet)]
    [StoreAge]
    public StoreAge? MaxAge { get; set; }

    /// <summary>Look at names, sizes and metadata of all files, without reading contents.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SizeSet)]
    public SwitchParameter SizeOnly { get; set; }

    /// <summary>Give true or false for each store instead of the findings.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>How many paths are looked at at once. Default: one for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        var options = new CheckupOptions
        {
            CheckContents = CheckContents,
            SizeOnly = SizeOnly,
            Budget = Budget,
            MaxAge = MaxAge,
            Workers = ThrottleLimit,
            KnownKeys = KnownKeys.Read(),
        };
        var state = new CheckupProgress();
        var paths = new VerificationStatus(state.Paths);
        using var progress = NewProgress("Testing the store");
        progress.Follow(() => state.Paths.TotalPaths > 0 ? paths.Ask() : (state.Subject, 0, null));
        var isSound = true;
        Pump<StoreFinding>(
            (found, stop) => StoreExaminer.Examine(store, options, found, state, stop),
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
