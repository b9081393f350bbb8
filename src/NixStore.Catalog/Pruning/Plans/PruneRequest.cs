using NixStore.Catalog.Prices;
using NixStore.Catalog.Pruning.Classes;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>What a plan is to be made of. What several properties say must all hold, of a list one value is enough.</summary>
public sealed record PruneRequest
{
    /// <summary>Only these paths, by their hash parts, and <see cref="OrphanKeys"/>; null = all of the catalog.</summary>
    public IReadOnlySet<string>? HashParts { get; init; }

    /// <summary>NARs that no narinfo names, by their keys, which go as well.</summary>
    public IReadOnlySet<string> OrphanKeys { get; init; } = new HashSet<string>();

    /// <summary>Only what no root leads to.</summary>
    public bool Unreachable { get; init; }

    /// <summary>Wildcards for the whole name after the hash.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Names of classes, of which it is to be one.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Written before this moment.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Nothing younger goes; zero = ages are not asked.</summary>
    public TimeSpan MinimumAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Fixed outputs go as well.</summary>
    public bool IncludeFixedOutput { get; init; }

    /// <summary>Roots stay, and all that they lead to.</summary>
    public bool KeepRoots { get; init; } = true;

    /// <summary>What a path that stays refers to may go.</summary>
    public bool AllowDangling { get; init; }

    /// <summary>Narinfos that are listed and could not be had keep nothing; without this they prevent a plan.</summary>
    public bool AllowUnreadable { get; init; }

    /// <summary>The classes that there are, in the order in which a path is given its class; those that are protected stay.</summary>
    public IReadOnlyList<BinaryCachePruneClass> KnownClasses { get; init; } = PruneClasses.Default;

    /// <summary>A plan of at least so many bytes needs an approval.</summary>
    public long ApprovalSize { get; init; } = 1L << 40;

    /// <summary>A plan of at least so many paths needs an approval.</summary>
    public long ApprovalPaths { get; init; } = 100_000;

    /// <summary>Prices; null = no costs.</summary>
    public PriceList? Prices { get; init; }

    /// <summary>The moment that ages and roots are counted from. Parts of milliseconds are dropped.</summary>
    public DateTimeOffset Moment { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>Who makes the plan.</summary>
    public string Author { get; init; } = $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>Gets what is being done.</summary>
    public Action<string>? Report { get; init; }

    /// <summary>Gets the narinfos read when a graph has to be built, of twice as many in all; null = nobody wants to know.</summary>
    public Action<long>? GraphProgress { get; init; }

    /// <summary>True when something says which paths are meant.</summary>
    internal bool IsSpecific => HashParts is not null || OrphanKeys.Count > 0 || Unreachable || Names.Count > 0 || Classes.Count > 0 || Before is not null;
}
