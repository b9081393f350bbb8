namespace NixStore;

/// <summary>The file system that a directory of a store is on.</summary>
public sealed record StoreVolume
{
    /// <summary>The directory.</summary>
    public required string Directory { get; init; }

    /// <summary>Where the file system is mounted; null when the kernel does not say.</summary>
    public string? MountPoint { get; init; }

    /// <summary>What is mounted there: a device, a dataset, the word overlay; null when the kernel does not say.</summary>
    public string? Source { get; init; }

    /// <summary>Its type, such as ext4; null when the kernel does not say.</summary>
    public string? Type { get; init; }

    /// <summary>It is mounted read-only here.</summary>
    public required bool IsReadOnly { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes that can still be written.</summary>
    public required long FreeSpace { get; init; }

    /// <summary>Files that can still be made; null where the file system has no limit.</summary>
    public long? FreeFiles { get; init; }

    /// <inheritdoc/>
    public override string ToString() => MountPoint is null ? Directory : $"{Directory} on {MountPoint} ({Source}, {Type})";
}
