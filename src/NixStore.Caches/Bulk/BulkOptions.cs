namespace NixStore.Caches.Bulk;

/// <summary>How many files are read, and with how much patience.</summary>
public sealed record BulkOptions
{
    /// <summary>At most so many at once; fewer while the server says that it is too much.</summary>
    public int ThrottleLimit { get; init; } = 64;

    /// <summary>At most so many requests a second, repeated ones included; null = as many as come about.</summary>
    public double? MaximumRate { get; init; }

    /// <summary>The longest file.</summary>
    public int MaximumSize { get; init; } = 8 << 20;

    /// <summary>How often a file is tried. The pauses grow to <see cref="MaximumRetryDelay"/>: by default a server may be away for two minutes.</summary>
    public int MaximumAttempts { get; init; } = 10;

    /// <summary>The pause before the second attempt; it doubles, with jitter.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest pause, also when a server asks for more.</summary>
    public TimeSpan MaximumRetryDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>When so many files in a row could not be had, the others are not tried.</summary>
    public int MaximumFailures { get; init; } = 100;
}
