namespace NixStore.Catalog.Pruning.Plans;

/// <summary>A path that goes: a row of the table <c>narinfos</c>.</summary>
/// <param name="HashPart">The 32 characters of its hash.</param>
/// <param name="Name">What follows them.</param>
/// <param name="Class">The first class that it is of; null of none.</param>
/// <param name="Url">Where its NAR is, relative to the cache, as the narinfo says: it may name what is no NAR.</param>
/// <param name="NarHash">Hash of the NAR.</param>
/// <param name="NarSize">Its bytes.</param>
/// <param name="FileSize">Bytes of the NAR file; null when the narinfo does not say.</param>
/// <param name="LastModified">When the narinfo was written.</param>
/// <param name="Deriver">Base name of the derivation; null when the narinfo does not say.</param>
/// <param name="IsFixedOutput">True for a fixed output.</param>
public sealed record PlannedNarInfo(
    string HashPart, string Name, string? Class, string Url, string NarHash, long NarSize, long? FileSize, DateTimeOffset? LastModified, string? Deriver, bool IsFixedOutput);
