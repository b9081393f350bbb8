namespace NixStore.Caches.BinaryCaches;

/// <summary>What a small file of a cache is: its media type and its compression follow from that.</summary>
internal enum SmallFileKind
{
    CacheInfo,
    NarInfo,
    Listing,
    DebugInfo,
}
