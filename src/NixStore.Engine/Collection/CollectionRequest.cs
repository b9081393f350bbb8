using NixStore.Engine.Liveness;

namespace NixStore.Engine.Collection;

/// <summary>What is to be collected, and how.</summary>
public sealed record CollectionRequest
{
    /// <summary>Chooses what goes, from the garbage that is there under the lock, in its order.</summary>
    public required Func<StoreSurvey, IReadOnlyList<GarbageItem>> Choose { get; init; }

    /// <summary>Which edges keep paths alive.</summary>
    public required LivenessSettings Settings { get; init; }

    /// <summary>Put everything into the trash instead of deleting it.</summary>
    public bool Trash { get; init; }

    /// <summary>How many files trees are worked on at once.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>How long to wait for another collection; infinite when negative.</summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Called once when another collection has to be waited for.</summary>
    public Action? Waiting { get; init; }

    /// <summary>Gets what became of each thing, in order, on the caller's thread.</summary>
    public Action<StoreCollectionItem>? Done { get; init; }

    /// <summary>Gets each error that concerns a single thing, on the caller's thread; the rest goes on.</summary>
    public Action<NixStoreException>? Failed { get; init; }

    /// <summary>Gets what is odd but keeps nothing from being collected, on the caller's thread.</summary>
    public Action<NixStoreException>? Warned { get; init; }

    /// <summary>Counts.</summary>
    public CollectionProgress Progress { get; init; } = new();
}
