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
        var tests = new Queue<(PathRow Row, Task<StorePathInfo> Test)>();
        foreach (var row in examined.Database.ReadPaths())
        {
            tests.Enqueue((row, tester.Test(row, examined.Cancellation)));
            if (tests.Count > workers * 4)
            {
                foreach (var finding in Finish(examined, tests.Dequeue()))
                {
                    yield return finding;
                }
            }
        }

        while (tests.TryDequeue(out var test))
        {
            foreach (var finding in Finish(examined, test))
            {
                yield return finding;
            }
        }
    }

    private IEnumerable<StoreDatabaseFinding> Finish(ExaminedStore examined, (PathRow Row, Task<StorePathInfo> Test) test)
    {
        var info = test.Test.GetAwaiter().GetResult();
        progress.Add(test.Row.NarSize ?? 0);
        foreach (var problem in info.Problems)
        {
            switch (problem.Kind)
            {
                case StoreProblemKind.RowReference when !examined.RowsWithWrongReferences.Contains(test.Row.Id):
                    yield return Found(StoreDatabaseFindingKind.ReferenceMissing, "Refs", null);
                    break;
                case StoreProblemKind.RowSize when problem.Expected is not null:
                    yield return Found(StoreDatabaseFindingKind.SizeWrong, "ValidPaths", test.Row.Id);
                    break;
                case StoreProblemKind.HashMismatch:
                    yield return Found(StoreDatabaseFindingKind.ContentsDiffer, "ValidPaths", test.Row.Id);
                    break;
                case StoreProblemKind.ReadError:
                    yield return examined.NotChecked(Subject, problem.Detail ?? $"{problem}", path: test.Row.Path);
                    break;
            }

            StoreDatabaseFinding Found(StoreDatabaseFindingKind kind, string table, long? row)
                => examined.Found(kind, problem.Detail!, table, row, test.Row.Path);
        }
    }
}
