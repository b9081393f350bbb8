using NixStore.Engine.Overlay.Examination;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Mending;

/// <summary>
/// Puts right what <see cref="OverlayExaminer"/> finds and what can be put right without a person's judgement, beside a running Nix and under its locks.
/// Each step is whole or not at all, even after a crash, and taking it twice does no harm. The lower store's files are never touched; its database only
/// where that is asked for.
/// </summary>
public sealed class OverlayMender : IDisposable
{
    private readonly MendedOverlay _store;

    private OverlayMender(StoreLocation store) => _store = new MendedOverlay(store);

    /// <summary>Looks, and tells what would be done, in the order in which it is to be done. Nothing is changed.</summary>
    /// <param name="store">The overlay store.</param>
    /// <param name="options">What to look at.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NixStoreException">NotAnOverlayStore</exception>
    /// <exception cref="OperationCanceledException"/>
    public static OverlayPlan Plan(StoreLocation store, OverlayExaminationOptions options, CancellationToken cancellation)
    {
        var faults = new List<OverlayFault>();
        var canBeMended = OverlayExaminer.Look(store, options, faults.Add, cancellation);
        var mended = faults.Where(fault => fault.Mend is { } mend && (canBeMended || mend.Action <= OverlayRepairAction.CheckpointLower)).ToList();
        if (mended.FirstOrDefault(fault => fault.Mend is RemoveWhiteout or RemoveFragment) is { } changed && !mended.Exists(fault => fault.Mend is Remount))
        {
            mended.Add(changed with { Mend = new Remount(store.RealDirectory) });
        }

        var steps = mended.GroupBy(fault => fault.Mend!).OrderBy(group => group.Key.Action).Select((group, index) => new PlannedMend(
            new OverlayRepairStep
            {
                Store = store.Url,
                Order = index + 1,
                Action = group.Key.Action,
                Path = group.Key.Path,
                Detail = group.Key.Detail,
                Finding = group.First().Finding,
            },
            group.Key,
            [.. group.Select(fault => fault.Finding)]));
        return new OverlayPlan([.. faults.Select(fault => fault.Finding)], [.. steps]);
    }

    /// <summary>Opens a store for mending. Locks are taken when the first step needs them, and kept until disposal.</summary>
    /// <exception cref="NixStoreException">StoreReadOnly</exception>
    public static OverlayMender Open(StoreLocation store)
    {
        StoreAccess.EnsureWritable(store);
        return new OverlayMender(store);
    }

    /// <summary>Takes a step. When it fails, which its outcome tells, everything is as it was before it.</summary>
    /// <exception cref="OperationCanceledException"/>
    public OverlayRepairStep Apply(PlannedMend planned, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(planned);
        try
        {
            planned.Mend.Apply(_store, cancellation);
            return planned.Step with { Outcome = StoreRepairStepOutcome.Done };
        }
        catch (NixStoreException error)
        {
            cancellation.ThrowIfCancellationRequested();
            return planned.Step with { Outcome = StoreRepairStepOutcome.Failed, Error = error.Remedy is null ? error.Message : $"{error.Message} {error.Remedy}" };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();
}
