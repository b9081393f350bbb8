using NixStore.Engine.Liveness;

namespace NixStore.Engine.Planning;

/// <summary>Compares a plan with the store as it is now.</summary>
/// <param name="survey">The store.</param>
/// <param name="plan">The plan.</param>
/// <param name="garbage">All that is garbage now.</param>
internal sealed class PlanCheck(StoreSurvey survey, StoreGarbagePlan plan, IReadOnlyList<GarbageItem> garbage)
{
    private readonly ILookup<string, StoreGarbage> _planned = plan.Items.ToLookup(item => item.Path, StringComparer.Ordinal);
    private readonly Lazy<LifeReasons> _reasons = new(() => new LifeReasons(survey, OwnProcesses.Find()));

    /// <summary>True for what is in the plan, and has not been deleted and made anew since.</summary>
    internal bool IsStillPlanned(GarbageItem item) => _planned[item.Path].Any(planned => planned.RegistrationTime == TimeOf(item.Node));

    /// <summary>What became of the things of the plan that cannot go.</summary>
    /// <param name="items">What can go.</param>
    internal IReadOnlyList<StoreCollectionItem> Dropped(IReadOnlyList<GarbageItem> items)
    {
        var remaining = items.Select(item => item.Path).ToHashSet(StringComparer.Ordinal);
        var there = garbage.Select(item => item.Path).ToHashSet(StringComparer.Ordinal);
        return [.. plan.Items.Where(item => !remaining.Contains(item.Path)).Select(item => Describe(item, there))];
    }

    private StoreCollectionItem Describe(StoreGarbage item, HashSet<string> there)
    {
        var node = survey.Graph.Find(item.Path);
        var reason = node >= 0 && survey.Live.Contains(node) ? _reasons.Value.Of(node)
            : node >= 0 && item.RegistrationTime != TimeOf(node) ? "it was registered anew after the plan was made"
            : node >= 0 ? "something that is not in the plan refers to it"
            : there.Contains(item.Path) ? "its row was lost after the plan was made"
            : survey.Directory.Unregistered.Any(entry => item.Path.EndsWith($"/{entry.Text}", StringComparison.Ordinal)) ? "a process has taken a temporary root for it"
            : null;
        return new StoreCollectionItem
        {
            Store = survey.Graph.Store.Url,
            Path = item.Path,
            Kind = item.Kind,
            Outcome = reason is null ? CollectionOutcome.Gone : CollectionOutcome.InUse,
            Reason = reason,
        };
    }

    private DateTimeOffset? TimeOf(int node) => node < 0 ? null : survey.Graph.RegistrationTimeOf(node);
}
