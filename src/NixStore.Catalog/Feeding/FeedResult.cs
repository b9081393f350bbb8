namespace NixStore.Catalog.Feeding;

/// <summary>What an update has done.</summary>
/// <param name="Read">Narinfos that are in the catalog now and were not before, or not in this state.</param>
/// <param name="Removed">Narinfos that were taken out: gone, or about to be read anew.</param>
/// <param name="Findings">Narinfos with which something is wrong.</param>
public sealed record FeedResult(long Read, long Removed, long Findings);
