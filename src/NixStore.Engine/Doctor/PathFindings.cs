using NixStore.Engine.Stores;

namespace NixStore.Engine.Doctor;

/// <summary>What is wrong with a path, as findings.</summary>
internal static class PathFindings
{
    /// <summary>One for each problem of a path.</summary>
    internal static IEnumerable<StoreFinding> Of(StoreLocation store, StorePathInfo path) => path.Problems.Select(problem => new StoreFinding
    {
        Store = store.Url,
        Area = StoreFindingArea.Path,
        Kind = problem.Kind.ToString(),
        Severity = path.Invalid ? StoreFindingSeverity.Error : StoreFindingSeverity.Information,
        Path = path.Path,
        Detail = problem.ToString(),
        Remedy = problem.IsRepairable ? "Repair-StorePath brings it back where it can." : "A collection removes it, if nothing needs it.",
    });

    /// <summary>A path that could not be repaired.</summary>
    internal static StoreFinding Unrepaired(StoreLocation store, StorePathInfo path, NixStoreException error) => new()
    {
        Store = store.Url,
        Area = StoreFindingArea.Path,
        Kind = path.Problems[0].Kind.ToString(),
        Severity = StoreFindingSeverity.Error,
        Path = path.Path,
        Detail = error.Message,
        Remedy = error.Remedy,
    };

    /// <summary>All that is wrong with a path, in one clause.</summary>
    internal static string Summarise(StorePathInfo path)
    {
        const int most = 3;
        var named = string.Join("; ", path.Problems.Take(most));
        return path.Problems.Count > most ? $"{named}; … ({path.Problems.Count - most} more)" : named;
    }
}
