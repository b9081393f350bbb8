namespace NixStore.Catalog.Graph;

/// <summary>Some narinfos with their references, as the graph is built from them.</summary>
/// <param name="Rows">The hash part of each, as the first 64 bits and, where they are asked for, the next 64.</param>
/// <param name="Counts">How many references each has.</param>
/// <param name="References">The references of all, one after another; malformed ones are left out and not counted.</param>
internal sealed record ReferenceBatch(HashPrefixes Rows, int[] Counts, HashPrefixes References);

/// <summary>Prefixes of hash parts.</summary>
/// <param name="High">The first 64 bits of each.</param>
/// <param name="Low">The next 64 of each; null when they were not asked for.</param>
internal readonly record struct HashPrefixes(ulong[] High, ulong[]? Low)
{
    /// <summary>The next 64 bits of one, 0 when they were not asked for.</summary>
    internal ulong LowOf(int index) => Low is null ? 0 : Low[index];

    /// <summary>The first ones alone.</summary>
    internal HashPrefixes First(int count) => new(High[..count], Low?[..count]);
}
