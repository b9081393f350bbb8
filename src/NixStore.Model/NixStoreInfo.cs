namespace NixStore;

/// <summary>A store on this machine: where it is and how much is registered in it.</summary>
public sealed class NixStoreInfo
{
    /// <summary>URL that opens exactly this store; binds to -Store of the other cmdlets.</summary>
    public required string Store { get; init; }

    /// <summary>The logical directory, as references and hashes have it.</summary>
    public required string Directory { get; init; }

    /// <summary>Where the store objects are on this machine.</summary>
    public required string RealDirectory { get; init; }

    /// <summary>Where the database, roots and locks are.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Where build logs are.</summary>
    public required string LogDirectory { get; init; }

    /// <summary>The database's file.</summary>
    public required string DatabasePath { get; init; }

    /// <summary>Opened with read-only=true: nothing may be written.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The store directory is on a file system that is mounted read-only here; on NixOS it is so on purpose.</summary>
    public bool IsMountedReadOnly { get; init; }

    /// <summary>Another process has the database open: a daemon, a build, another command.</summary>
    public bool IsInUse { get; init; }

    /// <summary>Files of equal contents are, or were, linked to each other: there is a directory .links with something in it.</summary>
    public bool IsOptimised { get; init; }

    /// <summary>Bytes that can still be written to the file system of the store directory; null when the directory is missing.</summary>
    public long? FreeSpace { get; init; }

    /// <summary>The number in the schema file; null when it is missing or damaged.</summary>
    public int? Schema { get; init; }

    /// <summary>Registered paths.</summary>
    public long PathCount { get; init; }

    /// <summary>Bytes of their NARs, which is about what the files have before files of equal contents are linked.</summary>
    public long NarSize { get; init; }

    /// <summary>What was seen to be wrong in passing, one sentence each; nothing was searched for.</summary>
    public IReadOnlyList<string> Problems { get; init => field = Indexable.Of(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => Store;
}
