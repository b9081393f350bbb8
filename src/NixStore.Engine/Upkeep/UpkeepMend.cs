using NixStore.Engine.Stores;

namespace NixStore.Engine.Upkeep;

/// <summary>One change that puts something right around paths and database. Whoever applies it looks again first: what is right by now stays.</summary>
/// <param name="kind">What it mends.</param>
/// <param name="path">The file that it is about.</param>
/// <param name="detail">What it does, in one sentence.</param>
public abstract class UpkeepMend(StoreRepairStepKind kind, string path, string detail)
{
    /// <summary>What it mends.</summary>
    public StoreRepairStepKind Kind { get; } = kind;

    /// <summary>The file that it is about.</summary>
    public string Path { get; } = path;

    /// <summary>What it does, in one sentence for people.</summary>
    public string Detail { get; } = detail;

    /// <summary>It as a step of a repair that is only planned.</summary>
    /// <param name="store">The store.</param>
    /// <param name="number">Its place in the order of the steps.</param>
    public StoreRepairStep ToStep(StoreLocation store, int number)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new StoreRepairStep { Store = store.Url, Number = number, Kind = Kind, Path = Path, Detail = Detail };
    }

    /// <inheritdoc/>
    public override string ToString() => Detail;

    /// <summary>Does it.</summary>
    /// <exception cref="NixStoreException"/>
    /// <exception cref="OperationCanceledException"/>
    internal abstract void Apply(MendedStore store, CancellationToken cancellation);
}
