using Polly;
using Polly.Retry;

namespace NixStore.Caches.Http;

/// <summary>How requests are tried again: after pauses that grow, with chance in them, or as long as the server wants.</summary>
internal static class HttpRetries
{
    /// <summary>Makes the policy.</summary>
    /// <param name="attempts">How often something is tried; 1 or less = once.</param>
    /// <param name="delay">The first pause.</param>
    /// <param name="maximumDelay">The longest one, whatever the server wants.</param>
    /// <param name="clock">Waits; null = the machine's.</param>
    /// <param name="onRetry">Told of each time that something is tried again; null = nobody wants to know.</param>
    internal static ResiliencePipeline Make(int attempts, TimeSpan delay, TimeSpan maximumDelay, TimeProvider? clock, Action? onRetry = null)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = clock };
        if (attempts > 1)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = delay,
                MaxDelay = maximumDelay,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is { } error && HttpFailure.IsTransient(error)),
                DelayGenerator = arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is HttpStatusException { RetryAfter: { } wish } ? wish < maximumDelay ? wish : maximumDelay : (TimeSpan?)null),
                OnRetry = _ =>
                {
                    onRetry?.Invoke();
                    return ValueTask.CompletedTask;
                },
            });
        }

        return builder.Build();
    }
}
