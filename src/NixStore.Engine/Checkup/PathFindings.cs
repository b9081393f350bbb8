using NixStore.Engine.Stores;
using static NixStore.StoreProblemKind;

namespace NixStore.Engine.Checkup;

/// <summary>Makes findings of the problems of paths: one for each path and kind of problem, which names the first few files.</summary>
/// <param name="store">The store.</param>
/// <param name="liveness">What is dead anyway.</param>
internal sealed class PathFindings(StoreLocation store, PathLiveness liveness)
{
    private const int Named = 3;

    /// <summary>The findings of a path.</summary>
    /// <exception cref="OperationCanceledException"/>
    internal IEnumerable<StoreFinding> Of(string path, IEnumerable<StorePathProblem> problems)
        => problems.GroupBy(problem => problem.Kind).Select(group => Of(path, group.Key, Describe([.. group])));

    /// <summary>The finding of a path about one kind of problem.</summary>
    /// <exception cref="OperationCanceledException"/>
    internal StoreFinding Of(string path, StoreProblemKind kind, string detail)
    {
        var isDead = SeverityOf(kind) == StoreFindingSeverity.Error && liveness.IsDead(path);
        return new StoreFinding
        {
            Store = store.Url,
            Area = StoreFindingArea.Path,
            Kind = $"{kind}",
            Severity = isDead ? StoreFindingSeverity.Warning : SeverityOf(kind),
            Path = path,
            Detail = isDead ? $"{detail}; nothing needs the path" : detail,
            Remedy = RemedyOf(kind, isDead),
        };
    }

    private static StoreFindingSeverity SeverityOf(StoreProblemKind kind) => kind switch
    {
        Mode or Owner or ModificationTime or ExtendedAttribute or Immutable or LimitExceeded or Vanished => StoreFindingSeverity.Warning,
        _ => StoreFindingSeverity.Error,
    };

    private static string RemedyOf(StoreProblemKind kind, bool isDead) => kind switch
    {
        Mode or Owner or ModificationTime or ExtendedAttribute or Immutable => "Repair-StorePath gives back what Nix gives.",
        ReadError => "Look at the kernel log (dmesg) and the disk's health before anything else; then Repair-StorePath.",
        LimitExceeded => "Older versions of Nix made it; copy it nowhere where it must be unpacked.",
        Vanished => "Look again when no collection or repair is at work.",
        RowReference or RowSize => "Repair-StorePath puts the row right; run no collection before that.",
        _ when isDead => "A collection removes it; Repair-StorePath brings it back if it is wanted.",
        _ => "Repair-StorePath brings it back where it can.",
    };

    private static string Describe(List<StorePathProblem> problems)
    {
        var named = string.Join("; ", problems.Take(Named).Select(problem => problem.File.Length == 0 ? problem.Detail : $"{problem.File}: {problem.Detail}"));
        return problems.Count > Named ? $"{named}; and {problems.Count - Named} more" : named;
    }
}
