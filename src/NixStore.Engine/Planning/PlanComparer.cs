namespace NixStore.Engine.Planning;

/// <summary>Says what happened between two plans of one store.</summary>
public static class PlanComparer
{
    /// <summary>All differences: roots first, as they are the reason for the rest, then paths.</summary>
    /// <exception cref="NixStoreException">PlanOfOtherStore</exception>
    public static IEnumerable<StoreGarbagePlanDifference> Compare(StoreGarbagePlan reference, StoreGarbagePlan difference)
        => reference.StoreIdentity == difference.StoreIdentity
            ? CompareRoots(reference, difference).Concat(CompareItems(reference, difference))
            : throw new NixStoreException("PlanOfOtherStore", StoreErrorKind.InvalidArgument,
                $"The plans {reference.Id} and {difference.Id} are of different stores, {reference.Store} and {difference.Store}.", difference.Id,
                "Compare plans of one store.");

    private static IEnumerable<StoreGarbagePlanDifference> CompareRoots(StoreGarbagePlan reference, StoreGarbagePlan difference)
    {
        var before = reference.Roots.ToDictionary(root => root.Link, root => root.Path, StringComparer.Ordinal);
        var after = difference.Roots.ToDictionary(root => root.Link, root => root.Path, StringComparer.Ordinal);
        foreach (var link in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var (old, now) = (before.GetValueOrDefault(link), after.GetValueOrDefault(link));
            if (old != now)
            {
                yield return new StoreGarbagePlanDifference
                {
                    Store = difference.Store,
                    Change = now is null ? StorePlanChange.RootVanished : old is null ? StorePlanChange.RootAppeared : StorePlanChange.RootMoved,
                    Path = old ?? now!,
                    Link = link,
                };
            }
        }
    }

    private static IEnumerable<StoreGarbagePlanDifference> CompareItems(StoreGarbagePlan reference, StoreGarbagePlan difference)
        => Only(difference, reference, StorePlanChange.Died).Concat(Only(reference, difference, StorePlanChange.Dropped));

    private static IEnumerable<StoreGarbagePlanDifference> Only(StoreGarbagePlan plan, StoreGarbagePlan other, StorePlanChange change)
    {
        var others = other.Items.Select(item => item.Path).ToHashSet(StringComparer.Ordinal);
        return plan.Items.Where(item => !others.Contains(item.Path)).Select(item => new StoreGarbagePlanDifference
        {
            Store = plan.Store, Change = change, Path = item.Path, ReclaimableSize = item.ReclaimableSize,
        });
    }
}
