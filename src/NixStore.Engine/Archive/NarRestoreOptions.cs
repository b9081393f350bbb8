namespace NixStore.Engine.Archive;

/// <summary>How <see cref="NarRestorer"/> makes what it wrote durable.</summary>
public enum NarSync
{
    /// <summary>Every file and directory by itself: slow for many files, but waits for nobody else's data.</summary>
    EachFile,
    /// <summary>The whole file system once, at the end.</summary>
    FileSystem,
    /// <summary>Not at all: the caller does it, or does not care.</summary>
    None,
}

/// <summary>Choices of <see cref="NarRestorer"/>.</summary>
public sealed record NarRestoreOptions
{
    /// <summary>Limits of Nix, each file made durable, owner as it comes.</summary>
    public static readonly NarRestoreOptions Default = new();

    /// <summary>What is acceptable in the archive.</summary>
    public NarLimits Limits { get; init; } = NarLimits.Nix;

    /// <summary>Durability.</summary>
    public NarSync Sync { get; init; } = NarSync.EachFile;

    /// <summary>User and group that everything is given to; null = whoever this process is.</summary>
    public StoreOwner? Owner { get; init; }

    /// <summary>
    /// The archive is part of a longer stream: nothing behind its end is read, so that the caller can go on there. Otherwise anything that
    /// follows is an error.
    /// </summary>
    public bool IsEmbedded { get; init; }
}
