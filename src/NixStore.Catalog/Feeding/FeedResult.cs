namespace NixStore.Catalog.Feeding;

/// <summary>What an update has done.</summary>
/// <param name="Read">Narinfos that are in the catalog now and were not before, or not in this state.</param>
/// <param name="Removed">Narinfos that were taken out: gone, or about to be read anew.</param>
/// <param name="Findings">Narinfos with which something is wrong.</param>
/// <param name="Skipped">Narinfos that could not be had this time: the next run asks for them again.</param>
/// <param name="Error">Why the first of these could not be had.</param>
/// <param name="Links">Objects that were read beside narinfos.</param>
public sealed record FeedResult(long Read, long Removed, long Findings, long Skipped = 0, NixStoreException? Error = null, long Links = 0);

/// <summary>What an update would do.</summary>
/// <param name="Wanted">Narinfos that it would read.</param>
/// <param name="Outdated">Narinfos that it would take out: gone, or to be read anew.</param>
public sealed record FeedPlan(long Wanted, long Outdated);
