namespace NixStore;

/// <summary>What sort of garbage something is.</summary>
public enum StoreGarbageKind
{
    /// <summary>A registered path that no root reaches.</summary>
    Dead,
    /// <summary>A registered path that no root reaches and that has no files: a row that real Nix never removes.</summary>
    Ghost,
    /// <summary>An entry with the name of a store path that is not registered.</summary>
    Unregistered,
    /// <summary>What builds, imports and repairs leave when they are interrupted: lock files, chroots, checks, staging directories.</summary>
    Leftover,
    /// <summary>An entry of .links that no path shares any more.</summary>
    UnusedLink,
    /// <summary>An entry of the store directory that Nix never makes.</summary>
    Foreign,
}

/// <summary>Something in a store that nothing needs.</summary>
public sealed record StoreGarbage
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>What sort.</summary>
    public required StoreGarbageKind Kind { get; init; }

    /// <summary>Full logical path; for what has no name of a store path, as if it had.</summary>
    public required string Path { get; init; }

    /// <summary>Where it is on this machine.</summary>
    public required string RealPath { get; init; }

    /// <summary>
    /// Bytes of disk space that come free when it is deleted after what is before it in the same list: a file with several hard links
    /// counts for the last of them. Null when sizes were not asked for.
    /// </summary>
    public long? ReclaimableSize { get; init; }

    /// <summary>Bytes of disk space of its files that have further hard links, whether those go as well or not; null when not asked for.</summary>
    public long? SharedSize { get; init; }

    /// <summary>Number of files, directories and links in it; null when sizes were not asked for.</summary>
    public long? FileCount { get; init; }

    /// <summary>Registered length of the NAR in bytes; null when it is not registered.</summary>
    public long? NarSize { get; init; }

    /// <summary>When it was registered.</summary>
    public DateTimeOffset? RegistrationTime { get; init; }

    /// <summary>The latest access time of its files; null when sizes were not asked for. Only as true as the mount's atime options.</summary>
    public DateTimeOffset? LastUsed { get; init; }

    /// <summary>The name without hash part.</summary>
    public string Name => StorePath.TryParse(Path[(Path.LastIndexOf('/') + 1)..], out var path) ? path.Name : Path[(Path.LastIndexOf('/') + 1)..];

    /// <inheritdoc/>
    public override string ToString() => Path;
}
