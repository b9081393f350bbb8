using System.Globalization;
using NixStore.Engine.Liveness;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Planning;

/// <summary>Makes plans of what to collect, and finds out under the collector's lock what of a plan still holds.</summary>
public static class GarbagePlanner
{
    /// <summary>The garbage of a store, in an order in which it can go. Sizes are those of what is wanted, as if the rest stayed.</summary>
    /// <param name="survey">The store.</param>
    /// <param name="isWanted">Which of it; null for all.</param>
    /// <param name="measure">Look into the files for their sizes.</param>
    /// <param name="withLinks">Also entries of .links that are not used any more, each of which is asked for by a system call.</param>
    /// <param name="workers">How many trees are looked into at once.</param>
    /// <param name="looked">Called after each, from any worker.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreIOException"/>
    public static IReadOnlyList<GarbageItem> Find(
        StoreSurvey survey, Func<GarbageItem, bool>? isWanted, bool measure, bool withLinks, int workers, Action? looked, CancellationToken cancellation)
    {
        var store = survey.Graph.Store;
        var items = survey.Garbage.Items.Concat(withLinks ? LinksDirectory.FindUnused(store, null, workers, cancellation) : []);
        IReadOnlyList<GarbageItem> wanted = [.. isWanted is null ? items : items.Where(isWanted)];
        if (measure)
        {
            GarbageSizer.Measure(store, wanted, LinksDirectory.ReadInodes(store), workers, looked, cancellation);
        }

        return wanted;
    }

    /// <summary>Bytes of disk space that a collection by the default policy would free.</summary>
    /// <exception cref="StoreIOException"/>
    public static long MeasureReclaimable(StoreSurvey survey, int workers, CancellationToken cancellation)
        => Predict(survey, null, workers, cancellation).Sum(item => item.ReclaimableSize ?? 0);

    /// <summary>All that anybody wants gone, for a collection that looks into each thing itself before it removes it.</summary>
    /// <exception cref="StoreIOException"/>
    public static IReadOnlyList<GarbageItem> Everything(StoreSurvey survey, int workers, CancellationToken cancellation)
    {
        IReadOnlyList<GarbageItem> garbage = [.. survey.Garbage.Items, .. LinksDirectory.FindUnused(survey.Graph.Store, null, workers, cancellation)];
        var kinds = StoreGarbagePolicy.DefaultKinds;
        return new GarbageChooser(survey, new StoreGarbagePolicy(), null).DroppingWhatIsNeeded(garbage, item => kinds.Contains(item.Kind));
    }

    /// <summary>Makes a plan.</summary>
    /// <param name="survey">The store.</param>
    /// <param name="policy">What is wanted; noted in the plan.</param>
    /// <param name="isWanted">Which paths match the policy's wildcards; null for all.</param>
    /// <param name="workers">How many trees are looked into at once.</param>
    /// <param name="looked">Called after each, from any worker.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreIOException"/>
    public static StoreGarbagePlan Plan(
        StoreSurvey survey, StoreGarbagePolicy policy, Func<string, bool>? isWanted, int workers, Action? looked, CancellationToken cancellation)
    {
        var chosen = Choose(survey, policy, isWanted, workers, looked, cancellation);
        var now = DateTimeOffset.UtcNow;
        return new StoreGarbagePlan
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{now:yyyyMMdd'T'HHmmss'Z'}-{Random.Shared.Next():x8}"),
            Store = survey.Graph.Store.Url,
            StoreIdentity = IdentityOf(survey.Graph.Store),
            Host = Environment.MachineName,
            Created = now,
            Policy = policy,
            Roots = [.. survey.Roots.Where(root => root is { Kind: StoreRootKind.Permanent, Path: not null })
                .Select(root => new StorePlanRoot(root.Link, root.Path!)).OrderBy(root => root.Link, StringComparer.Ordinal)],
            Items = [.. chosen.Select(item => item.ToObject())],
            KeptCount = survey.Graph.Count - chosen.Count(item => item.Node >= 0),
        }.Seal();
    }

    /// <summary>What a policy wants of a store, with sizes that add up.</summary>
    /// <exception cref="NixStoreException">AccessTimeNotKept</exception>
    /// <exception cref="StoreIOException"/>
    public static IReadOnlyList<GarbageItem> Choose(
        StoreSurvey survey, StoreGarbagePolicy policy, Func<string, bool>? isWanted, int workers, Action? looked, CancellationToken cancellation)
    {
        if (policy.UnusedSince is not null || policy.Order == StoreGarbageOrder.LastUse)
        {
            AccessTimes.EnsureKept(survey.Graph.Store);
        }

        var links = LinksDirectory.ReadInodes(survey.Graph.Store);
        var garbage = Find(survey, null, true, true, workers, looked, cancellation);
        var chosen = new GarbageChooser(survey, policy, isWanted).Choose(garbage, links);
        var space = new ReclaimableSpace(links);
        foreach (var item in chosen)
        {
            item.ReclaimableSize = space.Add(item.Usage!);
        }

        return chosen;
    }

    /// <summary>What of a plan can still go, and what became of the rest: it is gone, or alive, or something else needs it now.</summary>
    /// <exception cref="NixStoreException">PlanOfOtherStore</exception>
    public static (IReadOnlyList<GarbageItem> Items, IReadOnlyList<StoreCollectionItem> Dropped) Recheck(StoreSurvey survey, StoreGarbagePlan plan)
    {
        var store = survey.Graph.Store;
        if (IdentityOf(store) != plan.StoreIdentity)
        {
            throw new NixStoreException("PlanOfOtherStore", StoreErrorKind.InvalidArgument,
                $"The plan {plan.Id} was made for {plan.Store} as it was on {plan.Host}; {store.Url} is another store.", plan.Id,
                "Make a plan of this store, or name the store that the plan is of.");
        }

        var links = plan.Items.Any(item => item.Kind == StoreGarbageKind.UnusedLink)
            ? LinksDirectory.FindUnused(store, null, Environment.ProcessorCount, CancellationToken.None) : [];
        IReadOnlyList<GarbageItem> garbage = [.. survey.Garbage.Items, .. links];
        var check = new PlanCheck(survey, plan, garbage);
        var items = new GarbageChooser(survey, plan.Policy, null).DroppingWhatIsNeeded(garbage, check.IsStillPlanned);
        return (items, check.Dropped(items));
    }

    /// <summary>What a collection would remove now, with sizes.</summary>
    /// <param name="survey">The store.</param>
    /// <param name="plan">The plan; null for everything.</param>
    /// <param name="workers">How many trees are looked into at once.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NixStoreException">PlanOfOtherStore</exception>
    /// <exception cref="StoreIOException"/>
    public static IReadOnlyList<GarbageItem> Predict(StoreSurvey survey, StoreGarbagePlan? plan, int workers, CancellationToken cancellation)
    {
        var store = survey.Graph.Store;
        var items = plan is null ? Everything(survey, workers, cancellation) : Recheck(survey, plan).Items;
        GarbageSizer.Measure(store, items, LinksDirectory.ReadInodes(store), workers, null, cancellation);
        return items;
    }

    /// <summary>Tells a store from another at the same place.</summary>
    /// <exception cref="StoreIOException"/>
    private static string IdentityOf(StoreLocation store)
    {
        using var directory = Posix.Open(store.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
        return string.Create(CultureInfo.InvariantCulture, $"{store.Directory.Path} {Posix.FileSystemStatus(directory).Id:x}:{Posix.Status(directory).Inode}");
    }
}
