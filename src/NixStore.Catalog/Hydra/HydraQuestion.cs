using Npgsql;
using Polly;
using Polly.Retry;

namespace NixStore.Catalog.Hydra;

/// <summary>Asks Hydra's database something that changes nothing, again when the connection is lost.</summary>
internal static class HydraQuestion
{
    private static readonly ResiliencePipeline s_retries = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = new PredicateBuilder().Handle<NpgsqlException>(error => error.IsTransient).Handle<IOException>(),
        MaxRetryAttempts = 4,
        Delay = TimeSpan.FromSeconds(1),
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
    }).Build();

    /// <summary>Asks.</summary>
    /// <param name="database">Whom.</param>
    /// <param name="question">Gets a connection of its own.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="mayRepeat">False when what has come cannot be taken back; null = it always can.</param>
    /// <exception cref="NixStoreException">Those of <see cref="HydraErrors"/>.</exception>
    internal static T Ask<T>(HydraDatabase database, Func<NpgsqlConnection, T> question, CancellationToken cancellation, Func<bool>? mayRepeat = null)
    {
        try
        {
            return s_retries.Execute(
                _ =>
                {
                    try
                    {
                        using var connection = database.Connect(readOnly: true, cancellation);
                        return question(connection);
                    }
                    catch (NpgsqlException error) when (error.IsTransient && mayRepeat?.Invoke() == false)
                    {
                        // What has come cannot be taken back: the whole step is repeated by the next run.
                        throw HydraErrors.From(error, database);
                    }
                },
                cancellation);
        }
        catch (Exception error) when (error is NpgsqlException or IOException or InvalidDataException or TimeoutException)
        {
            throw HydraErrors.From(error, database);
        }
    }
}
