using NixStore.Engine.Signatures;

namespace NixStore.Engine.Rebuilding;

/// <summary>How a database is rebuilt.</summary>
public sealed record RebuildOptions
{
    /// <summary>How many paths are read at once.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Says what a path refers to whose row is good, itself included when it refers to itself, or null: then a row is made. Left out, rows are
    /// made of all paths. To be given where only some rows were lost.
    /// </summary>
    public Func<StorePath, IReadOnlyList<StorePath>?>? Known { get; init; }

    /// <summary>
    /// Says what is known of a path elsewhere (narinfos, a backup, another store), or null; asked for every path that gets a row, by several
    /// threads at once, since a cache takes its time. What it raises ends the rebuilding.
    /// </summary>
    public Func<StorePath, ValidPathInfo?>? Describe { get; init; }

    /// <summary>
    /// Paths that were in the store, as far as is known from elsewhere: contents may mention them though neither files nor derivations name them.
    /// </summary>
    public IReadOnlyCollection<StorePath> Named { get; init; } = [];

    /// <summary>Whose signatures make a description proof.</summary>
    public TrustedKeys TrustedKeys { get; init; } = TrustedKeys.None;
}
