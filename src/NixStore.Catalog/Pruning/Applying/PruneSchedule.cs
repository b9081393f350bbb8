namespace NixStore.Catalog.Pruning.Applying;

/// <summary>Says what is due of a plan, and when the next thing is.</summary>
internal static class PruneSchedule
{
    /// <summary>The next step.</summary>
    /// <param name="state">How far the plan is.</param>
    /// <param name="options">The delays, and whether Hydra's rows go.</param>
    /// <param name="isReconciled">The cache was looked at in this run, and nothing was taken since.</param>
    /// <param name="isFirst">Nothing was done in this run.</param>
    /// <param name="now">The time.</param>
    internal static (PruneStep Step, DateTimeOffset? NextDue) Next(PruneState state, PruneOptions options, bool isReconciled, bool isFirst, DateTimeOffset now)
    {
        if (state.SettledAt is not null)
        {
            return (PruneStep.Finished, null);
        }

        if (!state.WaveEnds.TryGetValue(1, out var narInfosEnd))
        {
            return (isReconciled ? StepOf(state, 1, PruneStep.NarInfos) : PruneStep.Reconcile, now);
        }

        if (options.Hydra is not null && !state.IsHydraDone)
        {
            return (isReconciled || !isFirst ? PruneStep.HydraRows : PruneStep.Reconcile, now);
        }

        var (step, due) = state.WaveEnds.TryGetValue(2, out var narsEnd) ? (PruneStep.Settle, narsEnd + options.SettleDelay)
            : (StepOf(state, 2, PruneStep.Nars), narInfosEnd + options.NarDelay);

        // While nothing is due, what was uploaded meanwhile gets what it needs all the same, once a run.
        return due > now ? (isReconciled || !isFirst ? PruneStep.Wait : PruneStep.Reconcile, due) : (isReconciled ? step : PruneStep.Reconcile, due);
    }

    /// <summary>What has its tag still has to go.</summary>
    private static PruneStep StepOf(PruneState state, int wave, PruneStep step) => state.TaggedWaves.Contains(wave) ? PruneStep.Expire : step;
}
