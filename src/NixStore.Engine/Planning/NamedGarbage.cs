using NixStore.Engine.Liveness;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Planning;

/// <summary>
/// Chooses paths that are named one by one, as <c>nix-store --delete</c> does (GC-SPEC §5): each must be dead, and so must what refers to it,
/// which goes along only when that is asked for.
/// </summary>
/// <param name="survey">The store; made without keep-derivations and keep-outputs, which do not protect what is named.</param>
/// <param name="explain">Says in half a sentence why a path is alive.</param>
public sealed class NamedGarbage(StoreSurvey survey, Func<int, string> explain)
{
    /// <summary>What is chosen, in an order in which it can go.</summary>
    /// <param name="paths">Full logical paths.</param>
    /// <param name="includeReferrers">Take along what refers to them.</param>
    /// <param name="refused">Gets an error for each that cannot go: StorePathNotFound, PathAlive, PathInUse, ReferenceCycle.</param>
    public IReadOnlyList<GarbageItem> Choose(IReadOnlyList<string> paths, bool includeReferrers, Action<NixStoreException> refused)
    {
        var garbage = Find(paths);
        var byPath = garbage.ToDictionary(item => item.Path, StringComparer.Ordinal);
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths.Distinct(StringComparer.Ordinal))
        {
            if (byPath.TryGetValue(path, out var item))
            {
                wanted.Add(path);
                if (includeReferrers && item.Node >= 0)
                {
                    wanted.UnionWith(survey.Graph.Close([item.Node], survey.Graph.Referrers).Nodes().Select(survey.Graph.PathOf));
                }
            }
            else
            {
                refused(WhyNot(path));
            }
        }

        var chooser = new GarbageChooser(survey, new StoreGarbagePolicy(), null);
        var chosen = chooser.DroppingWhatIsNeeded(garbage, item => wanted.Contains(item.Path));
        foreach (var path in wanted.Except(chosen.Select(item => item.Path)))
        {
            refused(InUse(path));
        }

        return chosen;
    }

    private IReadOnlyList<GarbageItem> Find(IReadOnlyList<string> paths)
    {
        var store = survey.Graph.Store;
        return paths.Any(path => path.StartsWith($"{store.Directory.Path}/.links/", StringComparison.Ordinal))
            ? [.. survey.Garbage.Items, .. LinksDirectory.FindUnused(store, null, Environment.ProcessorCount, CancellationToken.None)]
            : survey.Garbage.Items;
    }

    private NixStoreException WhyNot(string path)
    {
        var node = survey.Graph.Find(path);
        if (node >= 0 && survey.Live.Contains(node))
        {
            return new NixStoreException("PathAlive", StoreErrorKind.Busy, $"'{path}' is alive: {explain(node)}.", path,
                $"Remove what keeps it alive first; Trace-StorePath '{path}' shows all of it.");
        }

        if (node >= 0)
        {
            return new NixStoreException("ReferenceCycle", StoreErrorKind.InvalidData,
                $"'{path}' belongs to paths that refer to each other in a circle; no row of such can be deleted.", path,
                "Test-StoreDatabase names the rows that are wrong; Repair-StoreDatabase mends them.");
        }

        return new StorePathNotFoundException(path, survey.Graph.Store, survey.Directory.Unregistered.Any(entry => path.EndsWith($"/{entry.Text}", StringComparison.Ordinal)));
    }

    private NixStoreException InUse(string path)
    {
        var referrers = new List<string>();
        foreach (var referrer in survey.Graph.Referrers[survey.Graph.Find(path)])
        {
            referrers.Add(survey.Graph.PathOf(referrer));
        }

        var more = referrers.Count > 3 ? $" and {referrers.Count - 3} others refer" : referrers.Count > 1 ? " refer" : " refers";
        return new NixStoreException("PathInUse", StoreErrorKind.Busy, $"'{path}' is needed: {string.Join(", ", referrers.Take(3))}{more} to it.", path,
            "Name those as well, or use -IncludeReferrers.");
    }
}
