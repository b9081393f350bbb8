using System.Management.Automation;
using NixStore.Engine.Measurement;
using NixStore.Engine.Planning;
using NixStore.Engine.Verification;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Measure-NixStore: what a store takes up on disk, and what of it.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "NixStore")]
[OutputType(typeof(StoreMeasure))]
public sealed class MeasureNixStoreCommand : StoreCommand
{
    /// <inheritdoc/>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public override string? Store { get; set; }

    /// <summary>How many of the largest paths to name.</summary>
    [Parameter]
    [ValidateRange(0, 100_000)]
    public int Top { get; set; } = 10;

    /// <summary>How many paths are looked at at once. Default: one for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        var counts = new VerificationProgress();
        var options = new MeasurementOptions { Top = Top, Workers = ThrottleLimit };
        using var progress = NewProgress("Measuring the store");
        progress.Follow(() => ($"{counts.Paths} of {counts.TotalPaths} paths", counts.Paths, counts.TotalPaths));
        Pump(
            (emit, stop) =>
            {
                var withGarbage = options with
                {
                    FindReclaimable = (database, cancellation) => GarbagePlanner.MeasureReclaimable(
                        SurveyOptions.Default.Survey(database, text => emit(() => WriteWarning(text)), cancellation), ThrottleLimit, cancellation),
                };
                var measure = StoreMeasurer.Measure(store, withGarbage, error => emit(() => WriteError(error)), counts, stop);
                emit(() => WriteObject(measure));
            },
            progress);
    }
}
