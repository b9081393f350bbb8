using NixStore.Engine.Database;
using NixStore.Engine.Signatures;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Examination;

/// <summary>
/// Rows against the contents of all paths: references that the contents have and the database has not (NIX-ON-DAMAGE, case g3), sizes, hashes.
/// What else is wrong with the files is no matter of the database.
/// </summary>
/// <param name="workers">How many paths at once.</param>
/// <param name="progress">Counts.</param>
internal sealed class ContentsCheck(int workers, VerificationProgress progress) : IDatabaseCheck
{
    /// <inheritdoc/>
    public string Subject => "rows against contents";

    /// <inheritdoc/>
    public IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined)
    {
        (progress.TotalPaths, progress.TotalBytes) = examined.Database.ReadTotals();
        using var tester = new StoreTester(examined.Store, workers, null, TrustedKeys.None);
        foreach (var (row, info) in tester.Test(examined.Database.ReadPaths(), examined.Cancellation))
        {
            progress.Add(row.NarSize ?? 0);
            foreach (var finding in Describe(examined, row, info))
            {
                yield return finding;
            }
        }
    }

    private IEnumerable<StoreDatabaseFinding> Describe(ExaminedStore examined, PathRow tested, StorePathInfo info)
    {
        foreach (var problem in info.Problems)
        {
            switch (problem.Kind)
            {
                case StoreProblemKind.RowReference when !examined.RowsWithWrongReferences.Contains(tested.Id):
                    yield return Found(StoreDatabaseFindingKind.ReferenceMissing, "Refs", null);
                    break;
                case StoreProblemKind.RowSize when problem.Expected is not null:
                    yield return Found(StoreDatabaseFindingKind.SizeWrong, "ValidPaths", tested.Id);
                    break;
                case StoreProblemKind.HashMismatch:
                    yield return Found(StoreDatabaseFindingKind.ContentsDiffer, "ValidPaths", tested.Id);
                    break;
                case StoreProblemKind.ReadError:
                    yield return examined.NotChecked(Subject, problem.Detail ?? $"{problem}", path: tested.Path);
                    break;
            }

            StoreDatabaseFinding Found(StoreDatabaseFindingKind kind, string table, long? row)
                => examined.Found(kind, problem.Detail!, table, row, tested.Path);
        }
    }
}
