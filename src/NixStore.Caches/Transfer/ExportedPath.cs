using NixStore.Caches.Narinfo;

namespace NixStore.Caches.Transfer;

/// <summary>What an export did with one path.</summary>
/// <param name="NarInfo">The narinfo that the cache has now.</param>
/// <param name="WasThere">True when the cache had the path before, so that nothing was written.</param>
public sealed record ExportedPath(NarInfo NarInfo, bool WasThere);
