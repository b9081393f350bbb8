namespace NixStore.Catalog.Prices;

/// <summary>What a GiB costs up to a volume.</summary>
/// <param name="UpToGiB">Where the next tier begins, counted from the first GiB; null of the last tier.</param>
/// <param name="PerGiBMonth">Price of a GiB for a month.</param>
public sealed record VolumeTier(decimal? UpToGiB, decimal PerGiBMonth);
