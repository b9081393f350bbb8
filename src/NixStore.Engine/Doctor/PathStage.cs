using NixStore.Engine.Checkup;
using NixStore.Engine.Collection;
using NixStore.Engine.Planning;
using NixStore.Engine.Repair;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Doctor;

/// <summary>
/// The paths: what lives is repaired, and what is dead and damaged is set aside into the trash, from where it can be restored. What lives is
/// asked again after each round, for a repaired row may know of references that were lost.
/// </summary>
internal sealed class PathStage(StoreLocation store, DoctorOptions options, StoreLook look, DoctorReport report, CancellationToken cancellation)
{
    private readonly PathFindings _findings = new(store, new PathLiveness(store, cancellation));
    private readonly Dictionary<string, (StorePathInfo Path, NixStoreException Error)> _failed = new(StringComparer.Ordinal);

    /// <summary>Says what would be done.</summary>
    internal void Plan(IReadOnlyList<StorePathInfo> damaged)
    {
        if (damaged.Count == 0)
        {
            return;
        }

        var dead = FindDead();
        foreach (var path in damaged)
        {
            Tell(path);
            if (dead(path.Path))
            {
                report.Step(StoreRepairStepKind.SetAside, path.Path, $"set aside, as nothing needs it: {DamageText.Summarise(path)}", StoreRepairStepOutcome.Planned);
            }
            else
            {
                report.Step(StoreRepairStepKind.RepairPath, path.Path, $"repair: {DamageText.Summarise(path)}", StoreRepairStepOutcome.Planned);
            }
        }
    }

    /// <summary>Does it.</summary>
    internal void Mend(IReadOnlyList<StorePathInfo> damaged)
    {
        if (damaged.Count == 0)
        {
            return;
        }

        foreach (var path in damaged)
        {
            Tell(path);
        }

        var waiting = damaged.ToDictionary(path => path.Path, StringComparer.Ordinal);
        RepairLive(damaged, waiting);
        SetAside(waiting);
        if (waiting.Count > 0)
        {
            // What cannot be moved away, for a file that is immutable, say, is repaired after all.
            using var repairer = StoreRepairer.Open(store, options.Repair, cancellation);
            foreach (var path in waiting.Values.OrderBy(path => path.Path, StringComparer.Ordinal).ToList())
            {
                Repair(repairer, path, waiting);
            }
        }
    }

    /// <summary>Tells what could not be repaired.</summary>
    /// <returns>The paths.</returns>
    internal IReadOnlySet<string> TellUnrepaired()
    {
        foreach (var (path, error) in _failed.Values.OrderBy(failure => failure.Path.Path, StringComparer.Ordinal))
        {
            report.Left(new StoreFinding
            {
                Store = store.Url,
                Area = StoreFindingArea.Path,
                Kind = path.Problems[0].Kind.ToString(),
                Severity = StoreFindingSeverity.Error,
                Path = path.Path,
                Detail = error.Message,
                Remedy = error.Remedy,
            });
        }

        return _failed.Keys.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Repairs what lives, and takes it out of what waits.</summary>
    private void RepairLive(IReadOnlyList<StorePathInfo> damaged, Dictionary<string, StorePathInfo> waiting)
    {
        using var repairer = StoreRepairer.Open(store, options.Repair, cancellation);

        // Lost references first: they say what else lives.
        var next = damaged.Where(path => path.Problems.Any(problem => problem.Kind == StoreProblemKind.RowReference)).ToList();
        while (waiting.Count > 0)
        {
            next.ForEach(path => Repair(repairer, path, waiting));
            var dead = FindDead();
            next = [.. waiting.Values.Where(path => !dead(path.Path)).OrderBy(path => path.Path, StringComparer.Ordinal)];
            if (next.Count == 0)
            {
                break;
            }
        }
    }

    private void Tell(StorePathInfo path)
    {
        foreach (var finding in _findings.Of(path.Path, path.Problems))
        {
            report.Found(finding);
        }
    }

    private void Repair(StoreRepairer repairer, StorePathInfo path, Dictionary<string, StorePathInfo> waiting)
    {
        if (!waiting.Remove(path.Path))
        {
            return;
        }

        options.Progress.Begin($"repairing {path.Path}");
        var detail = $"repair: {DamageText.Summarise(path)}";
        try
        {
            var attempt = repairer.Attempt(path.Path, cancellation);
            report.BytesWritten += attempt.Report.BytesWritten;
            if (attempt.Error is null)
            {
                report.PathsRepaired++;
                _failed.Remove(path.Path);
                report.Step(StoreRepairStepKind.RepairPath, path.Path, detail, StoreRepairStepOutcome.Done, attempt.Report.Source);
                return;
            }

            Fail(attempt.Error);
        }
        catch (NixStoreException error)
        {
            Fail(error);
        }

        void Fail(NixStoreException error)
        {
            report.Step(StoreRepairStepKind.RepairPath, path.Path, detail, StoreRepairStepOutcome.Failed, error: error);
            _failed[path.Path] = (path, error);
        }
    }

    /// <summary>Which paths nothing needs. While roots are unknown that a collection would not pass over, none.</summary>
    private Func<string, bool> FindDead()
    {
        options.Progress.Begin("finding what lives");
        var survey = look.Survey();
        try
        {
            CollectionGuard.EnsureRootsRead(survey);
        }
        catch (NixStoreException)
        {
            return _ => false;
        }

        return path => survey.Graph.Find(path) is var node and >= 0 && !survey.Live.Contains(node) && !survey.Garbage.Cyclic.Contains(node);
    }

    /// <summary>Puts damaged paths into the trash, and takes those that are there out of what waits.</summary>
    private void SetAside(Dictionary<string, StorePathInfo> waiting)
    {
        if (waiting.Count == 0)
        {
            return;
        }

        options.Progress.Begin("setting aside what nothing needs");
        var names = waiting.Keys.ToList();
        try
        {
            Collector.Collect(
                store,
                new CollectionRequest
                {
                    Settings = options.Settings,
                    Trash = true,
                    Workers = options.Workers,
                    Timeout = options.Timeout,
                    Waiting = options.Waiting,
                    Choose = survey => new NamedGarbage(survey, _ => "a root needs it").Choose(names, includeReferrers: true, Refuse),
                    Done = item => Take(item, waiting),
                    Failed = Refuse,
                },
                cancellation);
        }
        catch (NixStoreException error)
        {
            Refuse(error);
        }

        void Refuse(NixStoreException error) => report.Step(
            StoreRepairStepKind.SetAside, error.Target as string, "set aside what nothing needs", StoreRepairStepOutcome.Failed, error: error);
    }

    private void Take(StoreCollectionItem item, Dictionary<string, StorePathInfo> waiting)
    {
        if (item.Outcome is not (CollectionOutcome.Trashed or CollectionOutcome.Gone))
        {
            return;
        }

        var why = waiting.Remove(item.Path, out var path) ? DamageText.Summarise(path) : "it refers to what is damaged";
        report.PathsSetAside++;
        report.Step(StoreRepairStepKind.SetAside, item.Path, $"set aside, as nothing needs it: {why}", StoreRepairStepOutcome.Done);
    }
}
