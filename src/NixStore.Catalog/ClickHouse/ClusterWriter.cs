using System.Globalization;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// A catalog on a cluster that is open for changes. Whoever opens it takes it over: what another one has not committed by then is dropped, that one's next commit fails, and
/// what it still writes is in partitions of its own. Work is done in steps, as in a folder: new parts first, which nobody sees, and then one exchange of the manifest.
/// </summary>
public sealed class ClusterWriter : ICatalogWriter
{
    private readonly ClickHouseCluster _cluster;
    private readonly ClusterManifest _manifests;
    private readonly long _takeover;
    private (long Number, ClusterState State) _version;
    private uint _partitions;
    private bool _hasCounted;
    private DuckSession? _session;

    private ClusterWriter(ClickHouseCluster cluster, (long Number, ClusterState State) version)
        => (_cluster, _manifests, _version, _takeover) = (cluster, new ClusterManifest(cluster), version, version.Number);

    /// <inheritdoc/>
    public string Location => _cluster.Address.Name;

    /// <inheritdoc/>
    public CatalogManifest Manifest => _version.State.Manifest;

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
        => Opening(address, cluster => OpenThere(cluster, initial, allowUnfinished, cancellation), cancellation);

    /// <summary>Opens for a copy that takes the place of what is there, whatever that is and whether it can be read or not.</summary>
    /// <param name="address">Where.</param>
    /// <param name="initial">What the copy begins with.</param>
    /// <param name="isKept">Says of what is there, and is whole, whether it is to stay.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">
    /// CatalogLocked; ClickHouseShardUnavailable, ClickHouseClusterNotFound, ClickHouseReplicasNotSupported; ClickHouseClusterChanged: the servers do not agree on what the
    /// cluster is; <see cref="ClickHouseException"/>
    /// </exception>
    /// <exception cref="OperationCanceledException"/>
    internal static ClusterWriter OpenInPlaceOf(ClickHouseAddress address, CatalogManifest initial, Func<CatalogManifest, bool> isKept, CancellationToken cancellation) => Opening(
        address,
        cluster => IsWhole(cluster, isKept, cancellation) ? OpenThere(cluster, initial, true, cancellation) : Replace(cluster, initial, cancellation),
        cancellation);

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

    /// <summary>Begins an operation.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable, ClickHouseClusterChanged, ClickHouseCatalogIncomplete, ClickHouseRowsHidden, CatalogLocked; <see cref="ClickHouseException"/></exception>
    internal ClusterSession OpenSession(CancellationToken cancellation)
    {
        // Once: what comes later is counted when it is written.
        var session = new ClusterSession(_cluster, _version, () => ClickHouseErrors.Overtaken(Location), cancellation, countsRows: !_hasCounted);
        _hasCounted = true;
        return session;
    }

    /// <summary>A partition that nobody else writes to, whatever becomes of this writer.</summary>
    internal ulong NextPartition() => ClusterParts.PartitionOf(_takeover, checked(++_partitions));

    /// <summary>Runs something that writes; when it fails because somebody else has taken the catalog over, the error says so.</summary>
    /// <exception cref="NixStoreException">CatalogLocked, ClickHouseShardUnavailable; what it throws itself.</exception>
    internal T Owning<T>(Func<T> write, CancellationToken cancellation)
    {
        try
        {
            return _cluster.Blaming(write, cancellation);
        }
        catch (ClickHouseException error) when (error.ErrorId == "ClickHouseQueryFailed" && _manifests.ReadNumber(cancellation) != _version.Number)
        {
            throw ClickHouseErrors.Overtaken(Location);
        }
    }

    private static ClusterWriter Opening(ClickHouseAddress address, Func<ClickHouseCluster, ClusterWriter> open, CancellationToken cancellation)
    {
        var cluster = ClickHouseCluster.Open(address, cancellation);
        try
        {
            return open(cluster);
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    private static ClusterWriter OpenThere(ClickHouseCluster cluster, CatalogManifest? initial, bool allowUnfinished, CancellationToken cancellation)
    {
        var location = cluster.Address.Name;
        var shards = ShardStatus.Ask(cluster, cancellation);
        var manifests = new ClusterManifest(cluster);
        var read = manifests.TryRead(cancellation);
        if (read is null && initial is null)
        {
            throw ClickHouseErrors.NotFound(location);
        }

        if (!allowUnfinished && read?.State.Manifest.UnfinishedCopyOf is { } source)
        {
            throw ManifestFile.Unfinished(location, source);
        }

        if (read?.State is { IsBeingMade: true } begun)
        {
            return Replace(cluster, begun.Manifest, cancellation);
        }

        var (number, state) = read ?? (0, ClusterState.Of(cluster, initial!));
        state.CheckName(cluster.Address);
        MakeTables(cluster, cancellation);
        if (ShardStatus.FindMissing(shards, location, state) is { } missing)
        {
            throw manifests.ReadNumber(cancellation) == number ? missing : ClickHouseErrors.Overtaken(location);
        }

        // From here on nobody else's commit succeeds.
        var writer = TakeOver(cluster, number, state, cancellation);
        writer.Clean(cancellation);
        return writer;
    }

    private static bool IsWhole(ClickHouseCluster cluster, Func<CatalogManifest, bool> isKept, CancellationToken cancellation)
    {
        try
        {
            var shards = ShardStatus.Ask(cluster, cancellation);
            return new ClusterManifest(cluster).TryRead(cancellation) is var (_, state) && !state.IsBeingMade && state.Cluster == cluster.Address.Cluster && isKept(state.Manifest)
                && ShardStatus.FindMissing(shards, cluster.Address.Name, state) is null;
        }
        catch (NixStoreException error) when (error.ErrorId is not ("ClickHouseShardUnavailable" or "ClickHouseAccessDenied" or "ClickHouseBusy"))
        {
            // Whatever is wrong with it, it goes.
            return false;
        }
    }

    /// <summary>Lets a catalog begin anew: nobody can read what is there from the first moment on, and it is not looked at.</summary>
    private static ClusterWriter Replace(ClickHouseCluster cluster, CatalogManifest initial, CancellationToken cancellation)
    {
        _ = ShardStatus.Ask(cluster, cancellation, anyPlace: true);
        MakeDatabase(cluster, cancellation);
        var manifests = new ClusterManifest(cluster);
        var state = ClusterState.Of(cluster, initial);
        var number = manifests.Publish(manifests.ReadNumberOfAll(cancellation), state with { IsBeingMade = true }, cancellation);
        StopWrites(cluster, cancellation);
        manifests.CleanOthers(cancellation);
        foreach (var shard in ShardStatus.Ask(cluster, cancellation, anyPlace: true))
        {
            // Tables have no numbers of their own: one who was overtaken must not drop those of the other.
            if (manifests.ReadNumber(cancellation) != number)
            {
                throw ClickHouseErrors.Overtaken(cluster.Address.Name);
            }

            ClusterTable.Drop(cluster, shard, cancellation);
        }

        MakeTables(cluster, cancellation);
        var writer = TakeOver(cluster, number, state, cancellation);
        writer.Clean(cancellation);
        return writer;
    }

    private static ClusterWriter TakeOver(ClickHouseCluster cluster, long number, ClusterState state, CancellationToken cancellation)
    {
        state = state with { Writer = $"{Environment.UserName}@{Environment.MachineName} {Guid.NewGuid():n}" };
        return new ClusterWriter(cluster, (new ClusterManifest(cluster).Publish(number, state, cancellation), state));
    }

    /// <summary>Makes a new manifest the catalog's.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="written">The partitions of the parts that are new in it, by the names of table and part.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">CatalogLocked, ClickHouseShardUnavailable, ClickHouseCatalogIncomplete; <see cref="ClickHouseException"/></exception>
    internal void Commit(CatalogManifest manifest, IReadOnlyDictionary<(string Table, string Part), ulong> written, CancellationToken cancellation)
    {
        var state = _version.State with
        {
            Manifest = manifest,
            Partitions = CatalogTable.All.ToDictionary(table => table.Name, IReadOnlyDictionary<string, ulong> (table) => manifest[table].Parts.Concat(manifest[table].Pending).ToDictionary(
                part => part.Name, part => written.TryGetValue((table.Name, part.Name), out var partition) ? partition : _version.State.PartitionOf(table, part), StringComparer.Ordinal), StringComparer.Ordinal),
        };

        // All rows are where they belong, or nothing has happened.
        if (ShardStatus.FindMissing(ShardStatus.Ask(_cluster, cancellation), Location, state) is { } missing)
        {
            throw _manifests.ReadNumber(cancellation) == _version.Number ? missing : ClickHouseErrors.Overtaken(Location);
        }

        _version = (_manifests.Publish(_version.Number, state, cancellation), state);
    }

    private static DuckSession StartSession()
    {
        var session = new DuckSession(new DuckOptions { TemporaryDirectory = TemporaryFolder.New("import") });
        CatalogViews.Create(session, _ => []);
        return session;
    }

    private static void MakeDatabase(ClickHouseCluster cluster, CancellationToken cancellation) => cluster.ExecuteOnEach($"CREATE DATABASE IF NOT EXISTS {cluster.Address.Database}", cancellation);

    /// <summary>Ends what a killed client has asked for, which may still be under way.</summary>
    private static void StopWrites(ClickHouseCluster cluster, CancellationToken cancellation)
        => cluster.ExecuteOnEach(ClusterSql.Of("stop-writes", ("tables", $"INSERT INTO {cluster.Address.Database}.")), cancellation);

    private static void MakeTables(ClickHouseCluster cluster, CancellationToken cancellation)
    {
        MakeDatabase(cluster, cancellation);
        foreach (var statement in ClusterTable.All.SelectMany(table => table.Create(cluster)))
        {
            cluster.ExecuteOnEach(statement, cancellation);
        }

        cluster.OnEach(
            shard =>
            {
                shard.Execute($"CREATE TABLE IF NOT EXISTS {cluster.All(ShardStatus.PlaceName(shard.Shard!.Value))} (nothing UInt8) ENGINE = Log", cancellation);
                return true;
            },
            cancellation);
    }

    /// <summary>Drops what no manifest lists: parts of killed writers, and of steps before the last one.</summary>
    internal void Clean(CancellationToken cancellation)
    {
        StopWrites(_cluster, cancellation);
        _manifests.Clean(cancellation);
        foreach (var shard in ShardStatus.Ask(_cluster, cancellation))
        {
            foreach (var table in CatalogTable.All)
            {
                var listed = _version.State.Parts.Where(item => item.Table == table).Select(item => item.Partition).ToHashSet();

                // Those of later writers are no rubbish, should there be any by now.
                foreach (var (_, partition) in shard.Rows.Keys.Where(key => key.Table == $"{table}_shard" && !listed.Contains(key.Partition) && ClusterParts.TakeoverOf(key.Partition) <= _takeover))
                {
                    shard.Server.Execute(string.Create(CultureInfo.InvariantCulture, $"ALTER TABLE {_cluster.Shard(table.Name)} DROP PARTITION {partition}"), cancellation);
                }
            }
        }
    }
}
