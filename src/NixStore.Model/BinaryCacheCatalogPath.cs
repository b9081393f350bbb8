namespace NixStore;

/// <summary>A narinfo in the catalog of a binary cache.</summary>
public sealed class BinaryCacheCatalogPath
{
    /// <summary>Folder of the catalog; binds to -Catalog of the other cmdlets.</summary>
    public required string Catalog { get; init; }

    /// <summary>Address of the cache; null when the catalog does not say.</summary>
    public string? Cache { get; init; }

    /// <summary>The full store path.</summary>
    public string Path => $"{StoreDirectory}/{HashPart}-{Name}";

    /// <summary>The 32 characters of the hash.</summary>
    public required string HashPart { get; init; }

    /// <summary>The name after the hash.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the package: <see cref="Name"/> up to the version, split as Nix does.</summary>
    public string PackageName => Name[..NixPackageName.VersionStart(Name)];

    /// <summary>The version, split off as Nix does; empty when there is none.</summary>
    public string Version => NixPackageName.VersionStart(Name) is var start && start < Name.Length ? Name[(start + 1)..] : "";

    /// <summary>The system it was built for; null when the narinfo does not say.</summary>
    public string? System { get; init; }

    /// <summary>Bytes of the NAR file; null when the narinfo does not say.</summary>
    public long? FileSize { get; init; }

    /// <summary>Bytes of the NAR.</summary>
    public long NarSize { get; init; }

    /// <summary>When the narinfo was written; null when nobody has said it.</summary>
    public DateTimeOffset? LastModified { get; init; }

    /// <summary>Where the NAR file is, relative to the cache.</summary>
    public required string Url { get; init; }

    /// <summary>Compression of the NAR file.</summary>
    public required string Compression { get; init; }

    /// <summary>Hash of the NAR file; null when the narinfo does not say.</summary>
    public string? FileHash { get; init; }

    /// <summary>Hash of the NAR.</summary>
    public required string NarHash { get; init; }

    /// <summary>Hash parts of the paths that it refers to, itself included if it does.</summary>
    public IReadOnlyList<string> References { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Base name of the derivation it was built from; null when unknown.</summary>
    public string? Deriver { get; init; }

    /// <summary>Content address; null for what is not addressed by its contents.</summary>
    public string? ContentAddress { get; init; }

    /// <summary>Signatures.</summary>
    public IReadOnlyList<string> Signatures { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Steps by references from the nearest root, at most 254 are told; null when no root leads here, and when reachability was not asked for.</summary>
    public int? Depth { get; init; }

    /// <summary>The store directory of the cache's paths.</summary>
    public required string StoreDirectory { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}
