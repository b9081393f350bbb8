namespace NixStore.Engine.Tests.Ledger;

/// <summary>A clock that goes only when it is told to, or by a step each time somebody asks how much time has passed.</summary>
internal sealed class SteppingClock : TimeProvider
{
    private long _ticks;

    /// <summary>What it says.</summary>
    internal DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How far it goes with each question.</summary>
    internal TimeSpan Step { get; init; }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Now;

    /// <inheritdoc/>
    public override long GetTimestamp() => Interlocked.Add(ref _ticks, Step.Ticks);
}
