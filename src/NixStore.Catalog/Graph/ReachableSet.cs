namespace NixStore.Catalog.Graph;

/// <summary>Which narinfos are reached from the roots, and in how many steps.</summary>
/// <param name="depths">For each narinfo the steps, at most 254, or <see cref="NotReached"/>.</param>
/// <param name="count">How many are reached.</param>
/// <param name="levels">The most steps that it takes.</param>
internal sealed class ReachableSet(byte[] depths, long count, int levels)
{
    /// <summary>Stands for no way at all.</summary>
    internal const byte NotReached = 255;

    /// <summary>How many are reached.</summary>
    internal long Count => count;

    /// <summary>The most steps that it takes.</summary>
    internal int Levels => levels;

    /// <summary>True when a narinfo is reached.</summary>
    internal bool Contains(int narinfo) => depths[narinfo] != NotReached;

    /// <summary>The steps to a narinfo, at most 254 are told; -1 when it is not reached.</summary>
    internal int DepthOf(int narinfo) => Contains(narinfo) ? depths[narinfo] : -1;
}
