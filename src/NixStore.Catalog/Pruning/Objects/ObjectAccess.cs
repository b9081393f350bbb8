namespace NixStore.Catalog.Pruning.Objects;

/// <summary>How much is asked of a server at once, and with how much patience.</summary>
public sealed record ObjectAccess
{
    /// <summary>Requests under way at the same time; fewer while the server says that it is too much.</summary>
    public int ThrottleLimit { get; init; } = 32;

    /// <summary>At most so many requests a second; null = as many as come about.</summary>
    public double? MaximumRate { get; init; }

    /// <summary>How often a request is tried.</summary>
    public int MaximumAttempts { get; init; } = 10;

    /// <summary>The pause before the second attempt; it doubles, with jitter.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest pause, also when a server asks for more.</summary>
    public TimeSpan MaximumRetryDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an answer may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);
}
