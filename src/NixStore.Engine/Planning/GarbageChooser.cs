using NixStore.Engine.Liveness;
using NixStore.Engine.Native;

namespace NixStore.Engine.Planning;

/// <summary>
/// Chooses from a store's garbage by a policy. Whatever is not chosen keeps what it refers to: a row cannot be deleted before its referrers.
/// </summary>
/// <param name="survey">The store. Its garbage must have been measured where the policy asks for sizes or uses.</param>
/// <param name="policy">What is wanted; its wildcards are not looked at.</param>
/// <param name="isWanted">Which paths, by full logical path; null for all.</param>
public sealed class GarbageChooser(StoreSurvey survey, StoreGarbagePolicy policy, Func<string, bool>? isWanted)
{
    /// <summary>What is chosen of <paramref name="garbage"/>, in its order.</summary>
    /// <param name="garbage">In an order in which it can go.</param>
    /// <param name="links">The inodes of .links.</param>
    /// <exception cref="StoreIOException">How full the file system is cannot be asked.</exception>
    public IReadOnlyList<GarbageItem> Choose(IReadOnlyList<GarbageItem> garbage, IReadOnlySet<ulong> links)
    {
        var eligible = DroppingWhatIsNeeded(garbage, IsEligible);
        return policy.IsLimited ? UpTo(eligible, links) : eligible;
    }

    /// <summary>The items for which <paramref name="isChosen"/> holds, and for all that refer to them as well.</summary>
    public IReadOnlyList<GarbageItem> DroppingWhatIsNeeded(IReadOnlyList<GarbageItem> garbage, Func<GarbageItem, bool> isChosen)
    {
        var chosen = new HashSet<int>();
        var items = new List<GarbageItem>(garbage.Count);
        foreach (var item in garbage)
        {
            if (!isChosen(item) || (item.Node >= 0 && !HasOnlyReferrersIn(item.Node, chosen)))
            {
                continue;
            }

            items.Add(item);
            chosen.Add(item.Node);
        }

        return items;
    }

    private bool HasOnlyReferrersIn(int node, HashSet<int> chosen)
    {
        foreach (var referrer in survey.Graph.Referrers[node])
        {
            if (!chosen.Contains(referrer))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsEligible(GarbageItem item)
        => policy.Kinds.Contains(item.Kind) && (isWanted is null || isWanted(item.Path))
            && (policy.RegisteredBefore is not { } registered || ChangedAt(item) < registered)
            && (policy.UnusedSince is not { } unused || item.Usage is null || item.Usage.LastUsed < unused);

    private DateTimeOffset ChangedAt(GarbageItem item)
        => item.Node >= 0 ? survey.Graph.RegistrationTimeOf(item.Node) : item.Usage?.Changed ?? DateTimeOffset.UtcNow;

    /// <summary>Takes one after the other, each with all that refers to it, until there is enough.</summary>
    private List<GarbageItem> UpTo(IReadOnlyList<GarbageItem> eligible, IReadOnlySet<ulong> links)
    {
        var wanted = BytesWanted();
        var space = new ReclaimableSpace(links);
        var byNode = eligible.Where(item => item.Node >= 0).ToDictionary(item => item.Node);
        var taken = new HashSet<GarbageItem>();
        foreach (var item in InOrder(eligible))
        {
            if (space.Total >= wanted || taken.Count >= (policy.MaxPaths ?? int.MaxValue))
            {
                break;
            }

            var group = WithReferrers(item, byNode, taken);
            if (taken.Count + group.Count <= (policy.MaxPaths ?? int.MaxValue))
            {
                group.ForEach(member => space.Add(member.Usage!));
                taken.UnionWith(group);
            }
        }

        return [.. eligible.Where(taken.Contains)];
    }

    private long BytesWanted()
    {
        using var directory = Posix.Open(survey.Graph.Store.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
        var volume = Posix.FileSystemStatus(directory);
        var percent = policy.EnsureFreePercent is { } share ? (long?)(volume.TotalBytes * share / 100) : null;
        long?[] limits = [policy.MaxFreed, policy.EnsureFree - volume.AvailableBytes, percent - volume.AvailableBytes];

        // A bound on what is deleted holds in any case; what is to be free asks for as much as the larger wish.
        var ensured = limits[1..].Max();
        return limits[0] is { } most && ensured is { } least ? Math.Min(most, least) : limits[0] ?? ensured ?? long.MaxValue;
    }

    private IEnumerable<GarbageItem> InOrder(IReadOnlyList<GarbageItem> items) => policy.Order switch
    {
        StoreGarbageOrder.Size => items.OrderByDescending(item => item.Usage!.OwnBytes + item.Usage.Shared.Sum(file => file.AllocatedBytes)),
        StoreGarbageOrder.LastUse => items.OrderBy(item => item.Usage!.LastUsed),
        _ => items.OrderBy(item => item.Node < 0 ? DateTimeOffset.MinValue : survey.Graph.RegistrationTimeOf(item.Node)),
    };

    private List<GarbageItem> WithReferrers(GarbageItem item, Dictionary<int, GarbageItem> byNode, HashSet<GarbageItem> taken)
    {
        var group = new List<GarbageItem>();
        var seen = new HashSet<GarbageItem>();
        Add(item);
        for (var next = 0; next < group.Count; next++)
        {
            for (var i = 0; group[next].Node >= 0 && i < survey.Graph.Referrers[group[next].Node].Length; i++)
            {
                Add(byNode[survey.Graph.Referrers[group[next].Node][i]]);
            }
        }

        return group;

        void Add(GarbageItem member)
        {
            if (!taken.Contains(member) && seen.Add(member))
            {
                group.Add(member);
            }
        }
    }
}
