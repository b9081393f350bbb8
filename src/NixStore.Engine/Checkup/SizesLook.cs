using System.Globalization;
using NixStore.Engine.Database;
using NixStore.Engine.Ledger;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using static NixStore.StoreProblemKind;

namespace NixStore.Engine.Checkup;

/// <summary>
/// Looks at the files of all paths without reading them: the size of a path's archive follows from the sizes and names of its files, so that
/// most of what a crash does shows (NIX-ON-DAMAGE, cases c1, c4 to c6, d1, d2, d4); a changed byte does not.
/// </summary>
/// <param name="database">The rows.</param>
/// <param name="workers">How many paths at once.</param>
/// <param name="ledger">Knows the size of each file; null where nothing is known.</param>
/// <param name="area">Tells what is found.</param>
/// <param name="progress">Counts.</param>
internal sealed class SizesLook(StoreDatabase database, int workers, VerificationLedger? ledger, PathArea area, VerificationProgress progress)
{
    private readonly StoreLocation _store = database.Store;

    /// <summary>Looks.</summary>
    /// <exception cref="NixStoreException">The database or the store directory cannot be read on.</exception>
    /// <exception cref="OperationCanceledException"/>
    internal void Run(CancellationToken cancellation)
    {
        (progress.TotalPaths, progress.TotalBytes) = database.ReadTotals();
        RowWorkers.Run(
            workers, () => new TreeLooker(_store), database.ReadPaths(), Math.Max(workers, 1) * 16,
            (looker, row, stop) =>
            {
                var problems = new List<StorePathProblem>(0);
                var parsed = RowParser.Parse(row, _store, []);
                if (parsed.Path is not null)
                {
                    Look(looker, parsed, problems, stop);
                    area.Tell(row.Path, problems);
                }

                progress.Add(row.NarSize ?? 0);
            },
            cancellation);
    }

    private void Look(TreeLooker looker, ParsedRow row, List<StorePathProblem> problems, CancellationToken cancellation)
    {
        if (!looker.Look(row.Path!, cancellation))
        {
            problems.Add(new(Missing, Detail: "registered, but not on disk"));
            return;
        }

        problems.AddRange(looker.Errors.Select(PathArea.ToProblem));
        looker.Metadata.AddTo(problems);
        if (looker.Errors.Count == 0)
        {
            CompareSizes(looker.Record, row, problems);
        }
    }

    private void CompareSizes(TreeRecord record, ParsedRow row, List<StorePathProblem> problems)
    {
        var before = ledger?.Find(row.Path!)?.IsOf(row.NarHash) == true ? ledger.FindFiles(row.Path!) : null;
        var changed = before is null ? [] : TreeComparison.Compare(before, record, withContents: false);
        problems.AddRange(changed);
        if (changed.Count > 0)
        {
            return;
        }

        if (record.ComputeNarSize() is not { } actual)
        {
            problems.AddRange(Named(record, file => !file.HasContents && file.Type != FileType.Directory, UnsupportedType, "is nothing that a store object may contain"));
        }
        else if (row.NarSize is { } size && size != actual)
        {
            problems.AddRange(before is not null
                ? [new(RowSize, "", Text(actual), Text(size), $"the registered size is {size}; the files, which are as when they were found intact, make {actual} bytes")]
                : Explain(record, size, actual));
        }
    }

    private static IReadOnlyList<StorePathProblem> Explain(TreeRecord record, long size, long actual)
    {
        var detail = $"the files make an archive of {actual} bytes, {size} are registered";
        var empty = actual < size ? Named(record, file => file is { Type: FileType.Regular, Size: 0 }, ZeroLength, $"is empty; {detail}") : [];
        return empty.Count > 0 ? empty : [new(actual < size ? Truncated : Extended, "", Text(size), Text(actual), detail)];
    }

    private static List<StorePathProblem> Named(TreeRecord record, Func<RecordedFile, bool> which, StoreProblemKind kind, string detail)
    {
        var problems = new List<StorePathProblem>();
        foreach (ref readonly var file in record.Files)
        {
            if (which(file))
            {
                problems.Add(new(kind, ByteName.ToDisplay(record.PathOf(file)), Detail: detail));
            }
        }

        return problems;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
