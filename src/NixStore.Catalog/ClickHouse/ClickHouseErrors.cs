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
        "A shard has lost data, or was exchanged for an empty one: restore it, or copy the catalog there anew by Copy-BinaryCacheCatalog.");

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

    /// <summary>ClickHouseClusterChanged</summary>
    internal static NixStoreException OtherShards(ClickHouseAddress address, int then, int now) => new("ClickHouseClusterChanged", StoreErrorKind.InvalidData,
        $"The catalog '{address}' was made when the cluster had {then} shards; it has {now} now, and rows are not where they are looked for.", address.Name,
        "Copy the catalog into a folder by the old definition of the cluster, and from there to the new one, by Copy-BinaryCacheCatalog.");
}
