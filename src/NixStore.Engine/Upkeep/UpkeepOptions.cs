namespace NixStore.Engine.Upkeep;

/// <summary>What is looked at beside paths and database.</summary>
public sealed record UpkeepOptions
{
    /// <summary>Read all entries of <c>.links</c> and compare them with their names.</summary>
    public bool CheckContents { get; init; }

    /// <summary>How many entries are read at once.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}
