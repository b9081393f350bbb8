using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>What a catalog on a cluster consists of.</summary>
internal sealed record ClusterState
{
    /// <summary>The format of the tables that this version writes and reads.</summary>
    internal const int CurrentFormat = 1;

    /// <summary>Format of the tables.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The name of the cluster, which the tables over all shards have.</summary>
    public required string Cluster { get; init; }

    /// <summary>What the cluster was: rows are where that says.</summary>
    public required IReadOnlyList<ClusterShard> Shards { get; init; }

    /// <summary>Who has written it.</summary>
    public required string Writer { get; init; }

    /// <summary>Tables and imports, as of a catalog in a folder.</summary>
    public required CatalogManifest Manifest { get; init; }

    /// <summary>True while its tables may be those of what was there before.</summary>
    public bool IsBeingMade { get; init; }

    /// <summary>The partition of each part: by the name of the table, and that of the part.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, ulong>> Partitions { get; init; }

    /// <summary>Sees to it that the tables over all shards are asked by their own name of the cluster, for which it was seen to that nothing has changed.</summary>
    /// <exception cref="NixStoreException">ClickHouseClusterChanged</exception>
    internal void CheckName(ClickHouseAddress address)
    {
        if (Cluster != address.Cluster)
        {
            throw ClickHouseErrors.OtherName(address, Cluster);
        }
    }

    /// <summary>The partition in which the rows of a part are.</summary>
    /// <exception cref="NixStoreException">CatalogCorrupt</exception>
    internal ulong PartitionOf(CatalogTable table, CatalogPart part)
        => Partitions.TryGetValue(table.Name, out var partitions) && partitions.TryGetValue(part.Name, out var partition) ? partition
            : throw new NixStoreException("CatalogCorrupt", StoreErrorKind.InvalidData, $"The state of the catalog does not say where the part '{part.Name}' of the table {table} is.", part.Name,
                "Copy the catalog there anew by Copy-BinaryCacheCatalog -Force.");

    /// <summary>The condition that a row is of one of some parts of a table.</summary>
    /// <exception cref="NixStoreException">CatalogCorrupt</exception>
    internal string Condition(CatalogTable table, IEnumerable<CatalogPart> parts) => ClusterParts.Condition(parts.Select(part => PartitionOf(table, part)));

    /// <summary>That of a catalog that begins.</summary>
    internal static ClusterState Of(ClickHouseCluster cluster, CatalogManifest manifest) => new()
    {
        Cluster = cluster.Address.Cluster,
        Shards = cluster.Definition,
        Writer = "",
        Manifest = manifest,
        Partitions = new Dictionary<string, IReadOnlyDictionary<string, ulong>>(),
    };

    /// <summary>All parts of all tables, those that are pending too, with their partitions.</summary>
    /// <exception cref="NixStoreException">CatalogCorrupt</exception>
    internal IEnumerable<(CatalogTable Table, CatalogPart Part, ulong Partition)> Parts
        => CatalogTable.All.SelectMany(table => Manifest[table].Parts.Concat(Manifest[table].Pending).Select(part => (table, part, PartitionOf(table, part))));
}
