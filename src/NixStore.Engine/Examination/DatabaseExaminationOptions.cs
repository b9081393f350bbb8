namespace NixStore.Engine.Examination;

/// <summary>What an examination looks at.</summary>
public sealed record DatabaseExaminationOptions
{
    /// <summary>Read the contents of all paths as well: hashes, sizes, and references that the database has lost.</summary>
    public bool CheckContents { get; init; }

    /// <summary>How many paths are read at once.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}
