namespace NixStore;

/// <summary>How long a root lasts.</summary>
public enum StoreRootKind
{
    /// <summary>A link or file below gcroots or profiles: lasts until it is removed.</summary>
    Permanent,
    /// <summary>A running process or the kernel uses the path: lasts as long as it runs.</summary>
    Runtime,
    /// <summary>A Nix process holds the path in its temproots file: lasts until that process ends.</summary>
    Temporary,
}

/// <summary>Where a root was found.</summary>
public enum StoreRootOrigin
{
    /// <summary>A link below gcroots that points into the store.</summary>
    DirectLink,
    /// <summary>A link below gcroots/auto (or another directory of gcroots) that points at a link elsewhere, which points into the store.</summary>
    IndirectLink,
    /// <summary>A link below profiles: a generation, or the profile itself.</summary>
    Profile,
    /// <summary>A regular file below gcroots whose name is that of a store path.</summary>
    FileName,
    /// <summary>/proc/PID/exe.</summary>
    Executable,
    /// <summary>/proc/PID/cwd.</summary>
    WorkingDirectory,
    /// <summary>/proc/PID/fd.</summary>
    OpenFile,
    /// <summary>/proc/PID/maps.</summary>
    MappedFile,
    /// <summary>/proc/PID/environ.</summary>
    Environment,
    /// <summary>A setting below /proc/sys/kernel.</summary>
    Kernel,
    /// <summary>Told by Nix's roots daemon.</summary>
    RootsDaemon,
    /// <summary>A temproots file that its process holds locked.</summary>
    TemporaryRoots,
}

/// <summary>What a root is worth.</summary>
public enum StoreRootState
{
    /// <summary>It names a registered path, and keeps it.</summary>
    Active,
    /// <summary>It names a path of the store that is not registered; a temporary one keeps it all the same, as it may be about to be made.</summary>
    NotRegistered,
    /// <summary>The link it points at is gone: it keeps nothing, and Nix's collector will remove it.</summary>
    Stale,
    /// <summary>What it points at cannot be read, or is on a file system that is not mounted: it keeps what its link names, if that is known.</summary>
    Unknown,
}

/// <summary>Something that keeps a store path, and all that this needs, from being collected.</summary>
public sealed record StoreRoot
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>How long it lasts.</summary>
    public required StoreRootKind Kind { get; init; }

    /// <summary>Where it was found.</summary>
    public required StoreRootOrigin Origin { get; init; }

    /// <summary>What it is worth.</summary>
    public required StoreRootState State { get; init; }

    /// <summary>Full logical path that it keeps; null when it names none.</summary>
    public string? Path { get; init; }

    /// <summary>The link, file or entry of /proc that is the root, as it is called on this machine.</summary>
    public required string Link { get; init; }

    /// <summary>What the link points at, as it stands there; for an indirect root the other link.</summary>
    public string? Target { get; init; }

    /// <summary>The process that holds it; null for a permanent one.</summary>
    public int? Pid { get; init; }

    /// <summary>That process's name.</summary>
    public string? ProcessName { get; init; }

    /// <summary>Who owns the link or runs the process; the number where the machine knows no name.</summary>
    public string? User { get; init; }

    /// <summary>True when the link it points at is gone.</summary>
    public bool Stale => State == StoreRootState.Stale;

    /// <summary>Sum of the NAR sizes of the path and all it needs, in bytes; null when it was not asked for.</summary>
    public long? ClosureSize { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Link} -> {Path ?? Target}";
}
