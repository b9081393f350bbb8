namespace NixStore.Caches.Narinfo;

/// <summary>
/// What a binary cache says of a path and of the file that holds its NAR: the contents of a <c>.narinfo</c>
/// (STORE-SPEC §8; Nix libstore/nar-info.cc).
/// </summary>
public sealed record NarInfo
{
    /// <summary>What is told of the path. Parsed, but not to be trusted without a signature.</summary>
    public required ValidPathInfo Info { get; init; }

    /// <summary>Where the NAR file is: relative to the cache, or an absolute http(s) URL. It never leads out of the cache by <c>..</c>.</summary>
    public required string Url { get; init; }

    /// <summary>Name of the compression as written, for example <c>xz</c>; it need not be one that can be decompressed here.</summary>
    public required string Compression { get; init; }

    /// <summary>Hash of the compressed file; old caches do not say.</summary>
    public NixHash? FileHash { get; init; }

    /// <summary>Bytes of the compressed file; old caches do not say.</summary>
    public long? FileSize { get; init; }

    /// <summary>Values of <c>Sig</c> lines that are no signatures. Nix keeps such lines, and so does <see cref="NarInfoWriter"/>.</summary>
    public IReadOnlyList<string> MalformedSignatures { get; init; } = [];

    /// <summary>The object.</summary>
    public StorePath Path => Info.Path;

    /// <summary>True when <see cref="Url"/> names another server or an absolute place.</summary>
    public bool HasAbsoluteUrl => NarUrl.IsAbsolute(Url);

    /// <inheritdoc/>
    public override string ToString() => Path.BaseName;
}
