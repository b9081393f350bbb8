using System.Globalization;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// A catalog on a cluster that is open for changes. Whoever opens it takes it over: what another one has not committed by then is dropped, and that one's next commit
/// fails. Work is done in steps, as in a folder: new parts first, which nobody sees, and then one exchange of the manifest.
/// </summary>
public sealed class ClusterWriter : ICatalogWriter
{
    private readonly ClickHouseCluster _cluster;
    private readonly ClusterManifest _manifests;
    private readonly string _writer;
    private long _number;
    private DuckSession? _session;

    private ClusterWriter(ClickHouseCluster cluster, string writer, long number, CatalogManifest manifest)
    {
        (_cluster, _manifests, _writer, _number, Manifest) = (cluster, new ClusterManifest(cluster), writer, number, manifest);
    }

    /// <inheritdoc/>
    public string Location => _cluster.Address.Name;

    /// <inheritdoc/>
    public CatalogManifest Manifest { get; private set; }

    /// <inheritdoc/>
    public DuckSession Session => _session ??= StartSession();

    /// <summary>The cluster.</summary>
    internal ClickHouseCluster Cluster => _cluster;

    /// <summary>Opens a catalog for changes.</summary>
    /// <param name="address">Where.</param>
    /// <param name="initial">What a new catalog begins with; null = it must be there.</param>
    /// <param name="allowUnfinished">It may be a copy that is not complete.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">As of <see cref="ClusterCatalog.Open"/>; CatalogLocked: two were opened at once; ClickHouseCatalogIncomplete.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static ClusterWriter Open(ClickHouseAddress address, CatalogManifest? initial = null, bool allowUnfinished = false, CancellationToken cancellation = default)
    {
        var cluster = ClickHouseCluster.Open(address, cancellation);
        try
        {
            var shards = ShardStatus.Ask(cluster, cancellation);
            var manifests = new ClusterManifest(cluster);
            var read = manifests.TryRead(cancellation);
            if (read is null && initial is null)
            {
                throw ClickHouseErrors.NotFound(address.Name);
            }

            if (!allowUnfinished && read?.State.Manifest.UnfinishedCopyOf is { } source)
            {
                throw ManifestFile.Unfinished(address.Name, source);
            }

            MakeTables(cluster, cancellation);
            var (number, manifest) = read is var (last, state) ? (last, state.Manifest) : (0, initial!);
            ShardStatus.CheckRows(shards, address.Name, manifest);
            var writer = new ClusterWriter(cluster, $"{Environment.UserName}@{Environment.MachineName} {Guid.NewGuid():n}", number, manifest);

            // From here on nobody else's commit succeeds.
            writer.Publish(manifest, cancellation);
            writer.Clean(cancellation);
            return writer;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>Begins a step.</summary>
    public ClusterStep BeginStep() => new(this);

    /// <inheritdoc/>
    ICatalogStep ICatalogWriter.BeginStep() => BeginStep();

    /// <inheritdoc/>
    public CatalogDifference CompareObjects(CancellationToken cancellation) => ClusterFeeding.CompareObjects(this, cancellation);

    /// <inheritdoc/>
    public void FindWanted(CancellationToken cancellation) => ClusterFeeding.FindWanted(this, cancellation);

    /// <inheritdoc/>
    public long RemoveOutdated(CancellationToken cancellation) => ClusterFeeding.RemoveOutdated(this, cancellation);

    /// <inheritdoc/>
    public void FindWantedLinks(CancellationToken cancellation) => ClusterFeeding.FindWantedLinks(this, cancellation);

    /// <inheritdoc/>
    public long RemoveOutdatedLinks(CancellationToken cancellation) => ClusterFeeding.RemoveOutdatedLinks(this, cancellation);

    /// <inheritdoc/>
    public string FindKnown(string hashes, CancellationToken cancellation) => ClusterFeeding.FindKnown(this, hashes, cancellation);

    /// <inheritdoc/>
    public void RefreshShared(CancellationToken cancellation) => ClusterFeeding.RefreshShared(this, cancellation);

    /// <summary>The catalog as it stands after the last step.</summary>
    /// <inheritdoc cref="ClusterCatalog.Open"/>
    public ClusterCatalog ToCatalog(CancellationToken cancellation = default) => ClusterCatalog.Open(_cluster.Address, cancellation);

    /// <summary>Ends writing.</summary>
    public void Dispose()
    {
        _session?.Dispose();
        _cluster.Dispose();
    }

    /// <summary>Makes a new manifest the catalog's.</summary>
    /// <exception cref="NixStoreException">CatalogLocked, ClickHouseShardUnavailable, ClickHouseCatalogIncomplete</exception>
    internal void Commit(CatalogManifest manifest, CancellationToken cancellation)
    {
        // All rows are where they belong, or nothing has happened.
        ShardStatus.CheckRows(ShardStatus.Ask(_cluster, cancellation), Location, manifest);
        Publish(manifest, cancellation);
    }

    private void Publish(CatalogManifest manifest, CancellationToken cancellation)
    {
        _number = _manifests.Publish(_number, new ClusterState { Shards = _cluster.Shards.Count, Writer = _writer, Manifest = manifest }, cancellation);
        Manifest = manifest;
    }

    private static DuckSession StartSession()
    {
        var session = new DuckSession(new DuckOptions { TemporaryDirectory = TemporaryFolder.New("import") });
        CatalogViews.Create(session, _ => []);
        return session;
    }

    private static void MakeTables(ClickHouseCluster cluster, CancellationToken cancellation)
    {
        cluster.ExecuteOnEach($"CREATE DATABASE IF NOT EXISTS {cluster.Address.Database}", cancellation);
        foreach (var statement in ClusterTable.All.SelectMany(table => table.Create(cluster)))
        {
            cluster.ExecuteOnEach(statement, cancellation);
        }
    }

    /// <summary>Drops what no manifest lists: parts of killed writers, and of steps before the last one.</summary>
    internal void Clean(CancellationToken cancellation)
    {
        // What a killed client has asked for may still be under way.
        _cluster.ExecuteOnEach(ClusterSql.Of("stop-writes", ("tables", $"INSERT INTO {_cluster.Address.Database}.")), cancellation);
        _manifests.Clean(cancellation);
        var next = Manifest;
        foreach (var shard in ShardStatus.Ask(_cluster, cancellation))
        {
            foreach (var table in CatalogTable.All)
            {
                var parts = Manifest[table];
                var listed = parts.Parts.Concat(parts.Pending).Select(ClusterParts.NumberOf).ToHashSet();
                foreach (var (_, part) in shard.Rows.Keys.Where(key => key.Table == $"{table}_shard" && !listed.Contains(key.Part)))
                {
                    shard.Server.Execute(string.Create(CultureInfo.InvariantCulture, $"ALTER TABLE {_cluster.Shard(table.Name)} DROP PARTITION {part}"), cancellation);

                    // Rows that come late of a writer that is gone must not get into a part that counts.
                    next = part >= next[table].Next ? next.With(table, next[table] with { Next = part + 1L }) : next;
                }
            }
        }

        Manifest = next;
    }
}
