namespace NixStore.Engine.Optimisation;

/// <summary>How a store is to be optimised.</summary>
public sealed record OptimisationOptions
{
    /// <summary>Files (and targets of symbolic links) shorter than this many bytes are left alone.</summary>
    public long MinimumSize { get; init; }

    /// <summary>True to hash every entry of <c>.links</c> first.</summary>
    public bool VerifyLinks { get; init; }

    /// <summary>True to change nothing and only count.</summary>
    public bool IsPrediction { get; init; }

    /// <summary>How many paths at once.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}
