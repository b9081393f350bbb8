namespace NixStore.Catalog.Graph;

/// <summary>Prefixes of hash parts.</summary>
/// <param name="High">The first 64 bits of each.</param>
/// <param name="Low">The next 64 of each; null when they were not asked for.</param>
internal readonly record struct HashPrefixes(ulong[] High, ulong[]? Low)
{
    /// <summary>The next 64 bits of one, 0 when they were not asked for.</summary>
    internal ulong LowOf(int index) => Low is null ? 0 : Low[index];
}
