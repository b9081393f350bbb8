using NixStore.Engine.Database;
using static NixStore.StoreProblemKind;

namespace NixStore.Engine.Examination;

/// <summary>
/// Columns that do not hold what they must, row by row. Most of these abort Nix's collection and verification
/// (NIX-ON-DAMAGE, cases g5 to g12).
/// </summary>
internal sealed class RowCheck : IDatabaseCheck
{
    /// <inheritdoc/>
    public string Subject => "the rows of table ValidPaths";

    /// <inheritdoc/>
    public IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined) => examined.Read(connection =>
    {
        var findings = new List<StoreDatabaseFinding>();
        using var names = new PathNames(connection);
        var gap = TableScan.Run(connection, "ValidPaths", "path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca", statement =>
        {
            var row = PathRowReader.Read(statement, names, null);
            var problems = new List<StorePathProblem>(0);
            RowParser.Parse(row, examined.Store, problems);
            findings.AddRange(problems.Select(problem => examined.Found(
                StoreDatabaseFindingKind.ColumnMalformed, problem.Detail!, "ValidPaths", row.Id, row.Path, SeverityOf(problem, row))));
        }, examined.Cancellation);
        if (gap is not null)
        {
            findings.Add(examined.NotChecked(Subject, $"{gap}", "ValidPaths"));
        }

        return findings;
    });

    /// <summary>Nix fills in a hash that is all zero and a size that is missing, which very old stores have, and reads any time as a number.</summary>
    private static StoreFindingSeverity SeverityOf(StorePathProblem problem, PathRow row) => problem.Kind switch
    {
        RowHash when NixHash.TryParse(row.Hash, out var hash) && hash.IsZero => StoreFindingSeverity.Warning,
        RowSize or RowColumn => StoreFindingSeverity.Warning,
        _ => StoreFindingSeverity.Error,
    };
}
