namespace NixStore;

/// <summary>
/// What a store knows of a valid path: the metadata that a database row, a narinfo and a signature speak of
/// (Nix libstore/path-info.hh:ValidPathInfo). Every field has been parsed; nothing here is hostile any more.
/// </summary>
public sealed record ValidPathInfo
{
    /// <summary>The object.</summary>
    public required StorePath Path { get; init; }

    /// <summary>SHA-256 of the NAR.</summary>
    public required NixHash NarHash { get; init; }

    /// <summary>Length of the NAR in bytes; 0 = unknown (very old rows).</summary>
    public required long NarSize { get; init; }

    /// <summary>Referenced paths, itself included when it refers to itself; sorted ordinally, no duplicates.</summary>
    public IReadOnlyList<StorePath> References { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The .drv it was built from; it need not be valid.</summary>
    public StorePath? Deriver { get; init; }

    /// <summary>Signatures.</summary>
    public IReadOnlyList<StoreSignature> Signatures { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Content address, if it has one.</summary>
    public ContentAddress? ContentAddress { get; init; }

    /// <summary>Built here or trusted without a signature.</summary>
    public bool Ultimate { get; init; }

    /// <summary>When it was registered; null when the origin (a narinfo) does not say.</summary>
    public DateTimeOffset? RegistrationTime { get; init; }

    /// <summary>What a signature signs (STORE-SPEC §7; Nix libstore/path-info.cc:fingerprint).</summary>
    /// <exception cref="NixStoreException">NoNarSize: a path without a NAR size cannot be signed.</exception>
    public string Fingerprint(StoreDirectory directory)
    {
        if (NarSize == 0)
        {
            throw new NixStoreException("NoNarSize", StoreErrorKind.InvalidData,
                $"The fingerprint of '{Path}' cannot be made: its NAR size is not known.", directory.Print(Path));
        }

        var references = string.Join(',', References.Select(directory.Print).Order(StringComparer.Ordinal));
        return $"1;{directory.Print(Path)};{NarHash};{NarSize};{references}";
    }
}
