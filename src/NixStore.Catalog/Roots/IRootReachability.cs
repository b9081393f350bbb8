namespace NixStore.Catalog.Roots;

/// <summary>What of a catalog its roots lead to; kept until it is disposed of.</summary>
public interface IRootReachability : IDisposable
{
    /// <summary>How many narinfos are reached, roots included.</summary>
    long Count { get; }

    /// <summary>The most steps from a root.</summary>
    int Levels { get; }
}
