using NixStore.Caches.Compression;
using NixStore.Engine.Signatures;

namespace NixStore.Caches.BinaryCaches;

/// <summary>How a path is added to a cache. What is null is as the cache's address says.</summary>
public sealed record BinaryCacheAddOptions
{
    /// <summary>The compression.</summary>
    public NarCompression? Compression { get; init; }

    /// <summary>How hard to compress.</summary>
    public int? CompressionLevel { get; init; }

    /// <summary>Keys that sign the path, besides those of the address; signatures that it has are kept.</summary>
    public IReadOnlyList<NixSecretKey> SecretKeys { get; init; } = [];

    /// <summary>Writes the path again though it is there.</summary>
    public bool Repair { get; init; }

    /// <summary>Refuses a path whose references are not in the cache, as Nix does.</summary>
    public bool CheckReferences { get; init; } = true;

    /// <summary>Runs between NAR and narinfo: waits for the references, whose narinfos must be there first, or throws.</summary>
    internal Action? BeforeNarInfo { get; init; }
}
