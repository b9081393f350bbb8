using System.Collections.Concurrent;
using NixStore.Catalog.Pruning.Plans;

namespace NixStore.Catalog.Pruning.Applying;

/// <summary>How far a plan has been applied, by its journal.</summary>
internal sealed class PruneState
{
    private readonly HashSet<(int Wave, long Batch)> _begun = [];
    private readonly Dictionary<(int Wave, long Batch), BatchDone> _done = [];

    /// <summary>What all runs have in common; null when nobody has applied the plan.</summary>
    internal RunBegun? Begun { get; private set; }

    /// <summary>Paths that stay or come back, and because of whom.</summary>
    internal ConcurrentDictionary<string, string> KeptPaths { get; } = new(StringComparer.Ordinal);

    /// <summary>NARs, logs and debug information that stay or come back, whatever path they hang on, and because of whom.</summary>
    internal ConcurrentDictionary<string, string> KeptKeys { get; } = new(StringComparer.Ordinal);

    /// <summary>True when something was kept since the last reconciliation that came to its end: it may still have to be brought back.</summary>
    internal bool HasUnrestored { get; private set; }

    /// <summary>Waves of which there is a list for S3 Batch Operations.</summary>
    internal HashSet<int> Manifests { get; } = [];

    /// <summary>Waves that have their tags.</summary>
    internal HashSet<int> TaggedWaves { get; } = [];

    /// <summary>When a wave ended: when all of it had gone.</summary>
    internal Dictionary<int, DateTimeOffset> WaveEnds { get; } = [];

    /// <summary>When the last reconciliation ended.</summary>
    internal DateTimeOffset? ReconciledAt { get; private set; }

    /// <summary>The hash up to which Hydra's rows were deleted; empty = none.</summary>
    internal string HydraAfter { get; private set; } = "";

    /// <summary>True when all of Hydra's rows were deleted.</summary>
    internal bool IsHydraDone { get; private set; }

    /// <summary>When the plan was through.</summary>
    internal DateTimeOffset? SettledAt { get; private set; }

    /// <summary>Batches that are done.</summary>
    internal IEnumerable<BatchDone> Done => _done.Values;

    /// <summary>From which key to which key a wave is done.</summary>
    internal IEnumerable<(string First, string Last)> DoneRanges(int wave)
    {
        BatchDone? first = null, last = null;
        foreach (var batch in _done.Values.Where(batch => batch.Wave == wave).OrderBy(batch => batch.Batch))
        {
            if (last is not null && batch.Batch != last.Batch + 1)
            {
                yield return (first!.First, last.Last);
                first = null;
            }

            first ??= batch;
            last = batch;
        }

        if (last is not null)
        {
            yield return (first!.First, last.Last);
        }
    }

    /// <summary>True when something may have been taken.</summary>
    internal bool HasBegunBatches => _begun.Count > 0 || _done.Count > 0;

    /// <summary>True for a batch that is done.</summary>
    internal bool IsDone(int wave, long batch) => _done.ContainsKey((wave, batch));

    /// <summary>True for a batch that was begun with.</summary>
    internal bool IsBegun(int wave, long batch) => _begun.Contains((wave, batch));

    /// <summary>True when a wave has batches that were begun with and not ended.</summary>
    internal bool HasUnfinished(int wave) => _begun.Any(batch => batch.Wave == wave && !_done.ContainsKey(batch));

    /// <summary>True for an object that stays although the plan names it.</summary>
    internal bool IsKept(PlannedObject item)
        => KeptKeys.ContainsKey(item.Key) || (item.Kind != BinaryCacheObjectKind.Nar && item.HashPart is { } hash && KeptPaths.ContainsKey(hash));

    /// <summary>Takes a line of the journal.</summary>
    internal void Apply(PruneEntry entry)
    {
        switch (entry)
        {
            case RunBegun begun:
                Begun ??= begun;
                break;
            case BatchBegun batch:
                _begun.Add((batch.Wave, batch.Batch));
                break;
            case BatchDone batch:
                _done[(batch.Wave, batch.Batch)] = batch;
                break;
            case ManifestWritten wave:
                Manifests.Add(wave.Wave);
                break;
            case WaveTagged wave:
                TaggedWaves.Add(wave.Wave);
                break;
            case WaveDone wave:
                WaveEnds.TryAdd(wave.Wave, wave.Time);
                break;
            case PathKept kept:
                (kept.Hash is not null ? KeptPaths : KeptKeys).TryAdd(kept.Hash ?? kept.Key!, kept.Because);
                HasUnrestored = true;
                break;
            case Reconciled:
                ReconciledAt = entry.Time;
                HasUnrestored = false;
                break;
            case HydraDeleted hydra:
                HydraAfter = hydra.Last ?? HydraAfter;
                IsHydraDone = hydra.Last is null;
                break;
            case PlanSettled:
                SettledAt = entry.Time;
                break;
        }
    }
}
