using System.Globalization;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// Parts of tables on a cluster: they are named as in a folder, and their rows are in a partition that was never anybody else's. Its number has in its upper half that of
/// the state by which its writer took the catalog over: rows of a writer who has been overtaken, however late they come, are in no part that counts.
/// </summary>
internal static class ClusterParts
{
    private const int TakeoverShift = 32;

    /// <summary>The number in the name of a part.</summary>
    /// <exception cref="NixStoreException">CatalogCorrupt</exception>
    internal static uint NumberOf(CatalogPart part)
        => uint.TryParse(Path.GetFileNameWithoutExtension(part.Name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new NixStoreException("CatalogCorrupt", StoreErrorKind.InvalidData, $"The manifest has a part '{part.Name}', which there cannot be.", part.Name, "Import the cache anew.");

    /// <summary>A partition of a writer.</summary>
    /// <param name="takeover">The number of the state by which it took the catalog over.</param>
    /// <param name="count">How many it has had, with this one.</param>
    internal static ulong PartitionOf(long takeover, uint count) => ((ulong)takeover << TakeoverShift) | count;

    /// <summary>The number of the state by which the writer of a partition took the catalog over.</summary>
    internal static long TakeoverOf(ulong partition) => (long)(partition >> TakeoverShift);

    /// <summary>The condition that a row is of one of some partitions.</summary>
    internal static string Condition(IEnumerable<ulong> partitions)
    {
        var numbers = string.Join(", ", partitions.Select(partition => partition.ToString(CultureInfo.InvariantCulture)));
        return numbers.Length == 0 ? $"{ClusterTable.PartColumn} = 0" : $"{ClusterTable.PartColumn} IN ({numbers})";
    }
}
