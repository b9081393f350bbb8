using System.Globalization;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>Parts of tables on a cluster: they are named as in a folder, and the number in the name is that of a partition.</summary>
internal static class ClusterParts
{
    /// <summary>The number of a part.</summary>
    /// <exception cref="NixStoreException">CatalogCorrupt</exception>
    internal static uint NumberOf(CatalogPart part)
        => uint.TryParse(Path.GetFileNameWithoutExtension(part.Name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new NixStoreException("CatalogCorrupt", StoreErrorKind.InvalidData, $"The manifest has a part '{part.Name}', which there cannot be.", part.Name, "Import the cache anew.");

    /// <summary>The condition that a row is of one of some parts.</summary>
    internal static string Condition(IEnumerable<CatalogPart> parts)
    {
        var numbers = string.Join(", ", parts.Select(part => NumberOf(part).ToString(CultureInfo.InvariantCulture)));
        return numbers.Length == 0 ? "part = 0" : $"{ClusterTable.PartColumn} IN ({numbers})";
    }
}
