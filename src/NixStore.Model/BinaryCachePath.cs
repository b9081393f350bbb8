namespace NixStore;

/// <summary>A path of a binary cache: what its narinfo says of it and of the file with its contents.</summary>
public sealed class BinaryCachePath
{
    /// <summary>The cache; opens it again.</summary>
    public required string BinaryCache { get; init; }

    /// <summary>Full logical path, <c>/nix/store/&lt;hash&gt;-&lt;name&gt;</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The parsed base name.</summary>
    public required StorePath StorePath { get; init; }

    /// <summary>What follows the hash part.</summary>
    public string Name => StorePath.Name;

    /// <summary>The 32 characters that identify the path.</summary>
    public string HashPart => StorePath.HashPart;

    /// <summary>Where the file with the NAR is: relative to the cache, or an absolute URL.</summary>
    public required string Url { get; init; }

    /// <summary>Compression of the file, as Nix names it.</summary>
    public required string Compression { get; init; }

    /// <summary>Hash of the file; old caches do not say.</summary>
    public NixHash? FileHash { get; init; }

    /// <summary>Bytes of the file; old caches do not say.</summary>
    public long? FileSize { get; init; }

    /// <summary>SHA-256 of the NAR.</summary>
    public required NixHash NarHash { get; init; }

    /// <summary>Bytes of the NAR.</summary>
    public required long NarSize { get; init; }

    /// <summary>Full logical paths it refers to, sorted.</summary>
    public IReadOnlyList<string> References { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Full logical path of the .drv it was built from; null when the narinfo does not say.</summary>
    public string? Deriver { get; init; }

    /// <summary>Signatures that could be parsed.</summary>
    public IReadOnlyList<StoreSignature> Signatures { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Content address, if it has one.</summary>
    public ContentAddress? ContentAddress { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}
