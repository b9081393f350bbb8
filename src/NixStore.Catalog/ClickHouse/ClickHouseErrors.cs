namespace NixStore.Catalog.ClickHouse;

/// <summary>Errors of clusters.</summary>
internal static class ClickHouseErrors
{
    /// <summary>ClickHouseShardUnavailable: a shard does not answer, so nothing that is asked of the others is an answer.</summary>
    internal static NixStoreException Unavailable(ClickHouseServer server, Exception inner) => new("ClickHouseShardUnavailable", StoreErrorKind.Connection,
        $"{server.Role} does not answer: {ClickHouseException.Shown(inner.GetBaseException().Message)}", server.Name,
        "Start it, or mend the way to it. Without it there is no answer: half of a catalog says nothing of what is in a cache.", inner);

    /// <summary>ClickHouseCertificateNotTrusted</summary>
    internal static NixStoreException Untrusted(ClickHouseServer server, string certificate, Exception inner) => new("ClickHouseCertificateNotTrusted", StoreErrorKind.Security,
        $"{server.Role} shows a certificate that is not trusted: {ClickHouseException.Shown(certificate)}.", server.Name,
        "Have it, or that of its signer, among those that this machine trusts, or in a file that $env:SSL_CERT_FILE names before PowerShell is started; its names must be the servers' in remote_servers.", inner);

    /// <summary>ClickHouseShardRestarted: what was kept for the operation may be gone.</summary>
    internal static NixStoreException Restarted(ClickHouseServer server) => new("ClickHouseShardRestarted", StoreErrorKind.Connection,
        $"{server.Role} was started anew in the middle of the operation, whose result is therefore not used.", server.Name, "Run the command again.");

    /// <summary>ClickHouseCatalogIncomplete: a shard has not what it should have.</summary>
    internal static NixStoreException Incomplete(string catalog, string table, long wanted, IEnumerable<(ClickHouseServer Server, long Rows)> found) => new(
        "ClickHouseCatalogIncomplete", StoreErrorKind.InvalidData,
        $"The table {table} of '{catalog}' should have {wanted:N0} rows, but has {string.Join(" and ", found.Select(item => $"{item.Rows:N0} on {item.Server.Name}"))}.", catalog,
        "A shard has lost data, or was exchanged for an empty one: restore it, or copy the catalog there anew by Copy-BinaryCacheCatalog -Force.");

    /// <summary>ClickHouseRowsHidden: all rows are there, but not for who asks.</summary>
    internal static NixStoreException Hidden(ClickHouseAddress address, string table, long wanted, long each, long together) => new("ClickHouseRowsHidden", StoreErrorKind.PermissionDenied,
        $"A part of the table {table} of '{address}' has {wanted:N0} rows, of which a user does not see all: {each:N0} on the shards, {together:N0} by the table over all of them.", address.Name,
        "Let no row policy or filter keep rows of this database from the user, nor from the one by whom servers ask each other (remote_servers), and do not change its tables.");

    /// <summary>CatalogNotFound</summary>
    internal static NixStoreException NotFound(string catalog) => new("CatalogNotFound", StoreErrorKind.NotFound,
        $"There is no catalog of a binary cache at '{catalog}'.", catalog, "Copy one there by Copy-BinaryCacheCatalog, make one by Import-BinaryCacheInventory, or check the address.");

    /// <summary>CatalogLocked: somebody else has begun to write since.</summary>
    internal static NixStoreException Overtaken(string catalog) => new("CatalogLocked", StoreErrorKind.Busy,
        $"Somebody else has begun to write to the catalog '{catalog}' since; what was not committed is dropped.", catalog,
        "Let only one write at a time, then run the command again: what is done already is not done again.");

    /// <summary>CatalogChanged: what was read has been replaced meanwhile.</summary>
    internal static NixStoreException Changed(string catalog) => new("CatalogChanged", StoreErrorKind.Busy,
        $"The catalog '{catalog}' was written to twice since it was opened, and what was read of it is gone; the result is therefore not used.", catalog, "Run the command again.");

    /// <summary>ClickHouseClusterNotFound</summary>
    internal static NixStoreException NoCluster(ClickHouseAddress address) => new("ClickHouseClusterNotFound", StoreErrorKind.NotFound,
        $"The server {address.Host} knows no cluster '{address.Cluster}'.", address.Name, "Name one of those in its configuration (remote_servers): SELECT DISTINCT cluster FROM system.clusters.");

    /// <summary>ClickHouseReplicasNotSupported</summary>
    internal static NixStoreException Replicas(ClickHouseAddress address) => new("ClickHouseReplicasNotSupported", StoreErrorKind.NotSupported,
        $"The cluster '{address.Cluster}' has several replicas of a shard: writes to tables that do not replicate themselves would leave them different.", address.Name,
        "Define a cluster that has one replica of each shard, and name that.");

    /// <summary>ClickHouseClusterChanged: rows are not where they are looked for.</summary>
    internal static NixStoreException OtherShards(ClickHouseAddress address, IEnumerable<ClusterShard> then, IEnumerable<ClusterShard> now) => new("ClickHouseClusterChanged", StoreErrorKind.InvalidData,
        $"The catalog '{address}' was made when the cluster was {ClusterShard.Describe(then)}; it is {ClusterShard.Describe(now)} now, and rows are not where they are looked for.", address.Name,
        "Define the cluster as it was, under another name too: by that name the catalog can be copied into a folder. From there, or from any other copy, Copy-BinaryCacheCatalog -Force makes it anew.");

    /// <summary>ClickHouseClusterChanged: the tables over all shards name a cluster, which may be another one by now.</summary>
    internal static NixStoreException OtherName(ClickHouseAddress address, string name) => new("ClickHouseClusterChanged", StoreErrorKind.InvalidData,
        $"The tables of the catalog '{address}' name the cluster '{name}'.", address.Name,
        $"Give cluster={name}; where it is called otherwise now, copy the catalog into a folder, and from there back by Copy-BinaryCacheCatalog -Force.");

    /// <summary>ClickHouseClusterChanged: servers do not agree on what the cluster is.</summary>
    internal static NixStoreException Disagreeing(ClickHouseAddress address, IEnumerable<ClusterShard> cluster, ClickHouseServer server, IEnumerable<ClusterShard> other) => new(
        "ClickHouseClusterChanged", StoreErrorKind.InvalidData,
        $"By the configuration of {address.Host} the cluster '{address.Cluster}' is {ClusterShard.Describe(cluster)}; by that of {server.Name} it is {ClusterShard.Describe(other)}.", server.Name,
        "Let all servers have the same definition of the cluster (remote_servers): the same shards in the same order, of the same weights.");

    /// <summary>ClickHouseClusterChanged: a server has the rows of another shard.</summary>
    internal static NixStoreException OtherPlace(ClickHouseAddress address, ClickHouseServer server, IEnumerable<int> numbers) => new("ClickHouseClusterChanged", StoreErrorKind.InvalidData,
        $"{server.Role} was shard {string.Join(" and ", numbers)} when the catalog '{address}' was made: rows are not where they are looked for.", server.Name,
        "Let each server be the shard that it was, or have the catalog made anew by Copy-BinaryCacheCatalog -Force.");
}
