using NixStore.Engine.Stores;
using NixStore.Engine.Upkeep;

namespace NixStore.Engine.Doctor;

/// <summary>What is around the paths: state directory, roots, links.</summary>
internal sealed class UpkeepStage(StoreLocation store, DoctorOptions options, DoctorReport report, CancellationToken cancellation)
{
    private UpkeepOptions Upkeep => new() { CheckContents = true, Workers = options.Workers };

    /// <summary>Says what would be done.</summary>
    internal void Plan()
    {
        Look(report.Found);
        foreach (var mend in UpkeepMender.Plan(store, Upkeep, cancellation))
        {
            report.Step(mend.ToStep(store, 0));
        }
    }

    /// <summary>Tells what is wrong.</summary>
    internal void Look(Action<StoreFinding> found)
    {
        options.Progress.Begin("looking at links, roots and the state directory");
        UpkeepExaminer.Examine(store, Upkeep, found, cancellation);
    }

    /// <summary>Mends the state directory and the roots: what is in the way there keeps everything else from being locked or found.</summary>
    internal void MendState() => Mend("mending the state directory and the roots", new UpkeepOptions { Workers = options.Workers }, kind => kind != StoreRepairStepKind.MendLink);

    /// <summary>Mends the links, after the paths that share them.</summary>
    internal void MendLinks() => Mend("mending links", Upkeep, kind => kind == StoreRepairStepKind.MendLink);

    private void Mend(string subject, UpkeepOptions upkeep, Func<StoreRepairStepKind, bool> isWanted)
    {
        options.Progress.Begin(subject);
        var mends = UpkeepMender.Plan(store, upkeep, cancellation).Where(mend => isWanted(mend.Kind)).ToList();
        if (mends.Count == 0)
        {
            return;
        }

        using var mender = UpkeepMender.Open(store, options.Timeout, options.Waiting);
        foreach (var mend in mends)
        {
            var step = mend.ToStep(store, 0);
            try
            {
                mender.Apply(mend, cancellation);
                report.Step(step with { Outcome = StoreRepairStepOutcome.Done });
            }
            catch (NixStoreException error)
            {
                report.Step(step.Kind, step.Path, step.Detail, StoreRepairStepOutcome.Failed, error: error);
            }
        }
    }
}
