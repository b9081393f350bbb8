namespace NixStore.Engine.Ledger;

/// <summary>A span of time that runs from when it is made.</summary>
/// <param name="clock">Tells the time.</param>
/// <param name="budget">How long; null for as long as it takes.</param>
internal sealed class Deadline(TimeProvider clock, TimeSpan? budget)
{
    private readonly long _start = clock.GetTimestamp();

    /// <summary>True when it is over.</summary>
    internal bool IsOver => budget is { } span && clock.GetElapsedTime(_start) >= span;
}
