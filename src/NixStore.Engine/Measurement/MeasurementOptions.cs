using NixStore.Engine.Database;

namespace NixStore.Engine.Measurement;

/// <summary>What is to be measured of a store.</summary>
public sealed record MeasurementOptions
{
    /// <summary>How many of the largest paths are wanted.</summary>
    public int Top { get; init; } = 10;

    /// <summary>How many paths at once.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Finds out what a collection would free; null to leave that open.</summary>
    public Func<StoreDatabase, CancellationToken, long?>? FindReclaimable { get; init; }
}
