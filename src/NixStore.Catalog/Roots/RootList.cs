namespace NixStore.Catalog.Roots;

/// <summary>What one origin brings.</summary>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Origin">What the rows are known by, and replaced.</param>
/// <param name="Paths">Store paths; none of a rule.</param>
/// <param name="MaximumAge">Of a rule; null otherwise.</param>
public sealed record RootList(BinaryCacheRootKind Kind, string Origin, IReadOnlyList<StorePath> Paths, TimeSpan? MaximumAge = null)
{
    /// <summary>The same under another name.</summary>
    /// <param name="origin">The name; null = its own.</param>
    public RootList As(string? origin) => origin is null ? this : this with { Origin = origin };
}
