namespace NixStore;

/// <summary>What a profile is for.</summary>
public enum StoreProfileKind
{
    /// <summary>A NixOS system (STATE/profiles/system, system-profiles).</summary>
    System,
    /// <summary>What a user installed.</summary>
    User,
    /// <summary>A home of Home Manager.</summary>
    HomeManager,
    /// <summary>Channels of nix-channel.</summary>
    Channel,
    /// <summary>Any other.</summary>
    Other,
}

/// <summary>One generation of a profile: a link <c>NAME-NUMBER-link</c> beside the profile's own link.</summary>
public sealed record StoreGeneration
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>The profile's link, as it is called on this machine.</summary>
    public required string Profile { get; init; }

    /// <summary>The last part of <see cref="Profile"/>.</summary>
    public required string ProfileName { get; init; }

    /// <summary>What the profile is for.</summary>
    public required StoreProfileKind Kind { get; init; }

    /// <summary>The generation's number.</summary>
    public required long Number { get; init; }

    /// <summary>The generation's link, as it is called on this machine.</summary>
    public required string Link { get; init; }

    /// <summary>Full logical path of what the generation consists of; null when the link points out of the store.</summary>
    public string? Path { get; init; }

    /// <summary>When the link was made: its time of modification, which is what Nix goes by.</summary>
    public required DateTimeOffset CreationTime { get; init; }

    /// <summary>True when the profile's link points at it.</summary>
    public bool IsCurrent { get; init; }

    /// <summary>True for a generation of a system that was booted (/run/booted-system).</summary>
    public bool IsBooted { get; init; }

    /// <summary>True when it is current, booted, or the system that runs (/run/current-system): then it is never removed.</summary>
    public bool IsInUse { get; init; }

    /// <summary>Who owns the profile; the number where the machine knows no name.</summary>
    public string? User { get; init; }

    /// <summary>
    /// Sum of the NAR sizes, in bytes, that no root would keep if this generation alone were removed; null when it was not asked for.
    /// </summary>
    public long? ReclaimableSize { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Link} -> {Path}";
}
