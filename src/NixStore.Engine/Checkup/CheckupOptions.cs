using NixStore.Engine.Signatures;

namespace NixStore.Engine.Checkup;

/// <summary>What a look at a whole store looks at.</summary>
public sealed record CheckupOptions
{
    /// <summary>Read the contents of all paths; implied by <see cref="Budget"/> and <see cref="MaxAge"/>, for those that are due.</summary>
    public bool CheckContents { get; init; }

    /// <summary>Look at names, sizes and metadata of all files, without reading contents.</summary>
    public bool SizeOnly { get; init; }

    /// <summary>After this time, counted from when the reading of contents begins, no further path is begun; null for as long as it takes.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>
    /// Paths that were found intact since and have not been changed need not be read again; null when each is due, the one that was read
    /// longest ago first.
    /// </summary>
    public StoreAge? MaxAge { get; init; }

    /// <summary>Remember what was found intact, where the store may be written to.</summary>
    public bool Record { get; init; } = true;

    /// <summary>How many paths are read at once.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Keys that are believed anyway: references they sign are not looked for in contents.</summary>
    public TrustedKeys KnownKeys { get; init; } = TrustedKeys.None;

    /// <summary>Tells the time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>True when contents are read.</summary>
    internal bool ReadsContents => CheckContents || Budget is not null || MaxAge is not null;

    /// <summary>True when only those paths are read that are due.</summary>
    internal bool IsScrub => Budget is not null || MaxAge is not null;
}
