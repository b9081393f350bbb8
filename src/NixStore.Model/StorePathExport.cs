namespace NixStore;

/// <summary>What Export-StorePath did with one path.</summary>
public sealed class StorePathExport
{
    /// <summary>URL of the store it came from.</summary>
    public required string Store { get; init; }

    /// <summary>Full logical path.</summary>
    public required string Path { get; init; }

    /// <summary>The NAR file, or the address of the binary cache.</summary>
    public required string Destination { get; init; }

    /// <summary>The file with the NAR: the same, or relative to the cache.</summary>
    public required string File { get; init; }

    /// <summary>SHA-256 of the NAR.</summary>
    public required NixHash NarHash { get; init; }

    /// <summary>Bytes of the NAR.</summary>
    public required long NarSize { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long? FileSize { get; init; }

    /// <summary>Compression of the file, as Nix names it.</summary>
    public required string Compression { get; init; }

    /// <summary>Signatures in the cache's narinfo; none for a NAR file, which holds contents only.</summary>
    public IReadOnlyList<StoreSignature> Signatures { get; init => field = Indexable.Of(value); } = [];

    /// <summary>True when the cache had the path before, so that nothing was written.</summary>
    public bool WasThere { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}
