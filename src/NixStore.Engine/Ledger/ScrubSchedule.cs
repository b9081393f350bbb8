using NixStore.Engine.Database;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Ledger;

/// <summary>
/// Which paths are due to be read, and in which order: first those that were found broken, or whose files changed since they were found intact;
/// then the others, the one that was read longest ago first, those that never were before all.
/// </summary>
internal sealed class ScrubSchedule
{
    /// <summary>Looking for changed files takes no more than this part of the time: some must be left for reading.</summary>
    private const int LookingShare = 4;

    private ScrubSchedule(List<DuePath> due, int unlooked) => (Due, Unlooked) = (due, unlooked);

    /// <summary>What is due, in order.</summary>
    internal IReadOnlyList<DuePath> Due { get; }

    /// <summary>How many paths that are not due by their age could not be looked at for changes, as the time was over.</summary>
    internal int Unlooked { get; }

    /// <summary>Makes the schedule.</summary>
    /// <param name="database">The rows.</param>
    /// <param name="ledger">What is remembered; null for nothing.</param>
    /// <param name="cutOff">What was found intact before this moment is due.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="budget">How long everything may take; null for as long as it does.</param>
    /// <param name="workers">How many paths are looked at at once.</param>
    /// <param name="looked">Gets each path that is not due and whose files were looked at. Any thread.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="Native.StoreIOException">The store directory cannot be opened.</exception>
    /// <exception cref="OperationCanceledException"/>
    internal static ScrubSchedule Make(
        StoreDatabase database, VerificationLedger? ledger, DateTimeOffset cutOff, TimeProvider clock, TimeSpan? budget, int workers,
        Action<string, TreeLooker> looked, CancellationToken cancellation)
    {
        var due = new List<DuePath>();
        var others = new List<DuePath>();
        foreach (var row in database.ReadPaths())
        {
            cancellation.ThrowIfCancellationRequested();
            var parsed = RowParser.Parse(row, database.Store, []);
            var entry = parsed.Path is null ? null : ledger?.Find(parsed.Path);
            var isDue = entry is not { IsBroken: false, Intact: { } intact } || intact <= cutOff.ToUnixTimeSeconds() || !entry.IsOf(parsed.NarHash);
            (isDue ? due : others).Add(DuePath.Of(row, parsed.Path, entry));
        }

        others.Sort(Compare);
        var unlooked = AddChanged(database, ledger, others, due, new Deadline(clock, budget / LookingShare), workers, looked, cancellation);
        due.Sort(Compare);
        return new ScrubSchedule(due, unlooked);
    }

    /// <summary>Adds those whose files changed to what is due; gives how many there was no time for.</summary>
    private static int AddChanged(
        StoreDatabase database, VerificationLedger? ledger, List<DuePath> others, List<DuePath> due, Deadline deadline, int workers,
        Action<string, TreeLooker> looked, CancellationToken cancellation)
    {
        var unlooked = 0;
        var byRow = others.ToDictionary(path => path.Row);
        var gate = new Lock();
        RowWorkers.Run(
            workers, () => new TreeLooker(database.Store), others.Select(path => database.Find(path.Row)).OfType<PathRow>(), workers,
            (looker, row, stop) =>
            {
                if (deadline.IsOver)
                {
                    Interlocked.Increment(ref unlooked);
                }
                else if (database.Store.Directory.TryParse(row.Path, out var path))
                {
                    if (looker.Look(path, stop) && ledger!.FindFiles(path) is { } before && TreeComparison.IsUntouched(before, looker.Record))
                    {
                        looked(row.Path, looker);
                        return;
                    }

                    lock (gate)
                    {
                        due.Add(byRow[row.Id] with { IsUrgent = true });
                    }
                }
            },
            cancellation);
        return unlooked;
    }

    private static int Compare(DuePath one, DuePath other)
        => (!one.IsUrgent, one.Looked, one.Order, one.Row).CompareTo((!other.IsUrgent, other.Looked, other.Order, other.Row));
}
