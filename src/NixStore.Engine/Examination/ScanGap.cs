namespace NixStore.Engine.Examination;

/// <summary>Rows of a table that cannot be read.</summary>
/// <param name="After">The last row before them; null when they are the first.</param>
/// <param name="Before">The first row behind them; null when they are the last.</param>
/// <param name="Reason">What SQLite says.</param>
internal sealed record ScanGap(long? After, long? Before, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => (After, Before) switch
    {
        (null, null) => "no row can be read",
        (null, { } before) => $"the rows before row {before} cannot be read",
        ({ } after, null) => $"the rows after row {after} cannot be read",
        ({ } after, { } before) => $"the rows between row {after} and row {before} cannot be read",
    } + $" ({Reason})";
}
