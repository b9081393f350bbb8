namespace NixStore.Caches.BinaryCaches;

/// <summary>How a cache is opened; the names in brackets are Nix's settings of the same meaning and default.</summary>
public sealed record BinaryCacheOptions
{
    /// <summary>The logical store directory that the cache must be for; null = whatever the cache says.</summary>
    public StoreDirectory? StoreDirectory { get; init; }

    /// <summary>Allows a directory that is no cache yet; the first path that is added makes it one.</summary>
    public bool Create { get; init; }

    /// <summary>How long a connection may take to come about (connect-timeout).</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a server may be silent, and how long a small file may take as a whole (stalled-download-timeout).</summary>
    public TimeSpan StalledDownloadTimeout { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How often a request is tried, and how often a broken download is resumed (download-attempts).</summary>
    public int MaximumAttempts { get; init; } = 5;

    /// <summary>The pause before the second attempt; it doubles, with jitter.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest pause, also when a server asks for more.</summary>
    public TimeSpan MaximumRetryDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Connections to one server (http-connections).</summary>
    public int MaximumConnections { get; init; } = 25;

    /// <summary>File with passwords (netrc-file); null = <c>/etc/nix/netrc</c> if it can be read.</summary>
    public string? NetrcFile { get; init; }

    /// <summary>How many narinfos <see cref="BinaryCacheSource"/> remembers.</summary>
    public int RememberedNarInfos { get; init; } = 4096;
}
