
namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// The servers of a cluster. Each is reached by its own HTTP interface, for making tables (ON CLUSTER needs ZooKeeper), for what shards do by themselves, and so that
/// one that does not answer is known by name.
/// </summary>
internal sealed class ClickHouseCluster : IDisposable
{
    private ClickHouseCluster(ClickHouseAddress address, IReadOnlyList<ClusterShard> definition)
        => (Address, Definition, Shards) = (address, definition, [.. definition.Select(shard => new ClickHouseServer(address, shard.Host, shard.Number))]);

    /// <summary>Where it is.</summary>
    internal ClickHouseAddress Address { get; }

    /// <summary>What it is by the configuration of the server that was asked first. That the others say the same is seen by <see cref="ShardStatus.Ask(ClickHouseCluster, CancellationToken, bool)"/>.</summary>
    internal IReadOnlyList<ClusterShard> Definition { get; }

    /// <summary>One server a shard, in their order.</summary>
    internal IReadOnlyList<ClickHouseServer> Shards { get; }

    /// <summary>The first one, which keeps the manifest and puts answers together.</summary>
    internal ClickHouseServer First => Shards[0];

    /// <summary>Looks for the shards of a cluster.</summary>
    /// <exception cref="NixStoreException">
    /// ClickHouseShardUnavailable, ClickHouseClusterNotFound, ClickHouseReplicasNotSupported; <see cref="ClickHouseException"/>
    /// </exception>
    internal static ClickHouseCluster Open(ClickHouseAddress address, CancellationToken cancellation)
    {
        var shards = new SortedDictionary<int, ClusterShard>();
        using (var server = new ClickHouseServer(address, address.Host, null))
        {
            using var rows = server.Query(ClusterSql.Of("cluster", ("cluster", Quote(address.Cluster))), cancellation);
            while (rows.Read())
            {
                var shard = new ClusterShard((int)rows.GetInt64(0), rows.GetText(1), (int)rows.GetInt64(2), (int)rows.GetInt64(3));
                if (!shards.TryAdd(shard.Number, shard))
                {
                    throw ClickHouseErrors.Replicas(address);
                }
            }
        }

        return shards.Count > 0 ? new ClickHouseCluster(address, [.. shards.Values]) : throw ClickHouseErrors.NoCluster(address);
    }

    /// <summary>A text as a literal of SQL, in which nothing can be taken for a name in braces either.</summary>
    internal static string Quote(string text)
        => $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal).Replace("\0", "\\0", StringComparison.Ordinal)
            .Replace("{", "\\x7B", StringComparison.Ordinal)}'";

    /// <summary>The table over all shards.</summary>
    internal string All(string table) => $"{Address.Database}.{table}";

    /// <summary>The table of each shard.</summary>
    internal string Shard(string table) => $"{Address.Database}.{table}_shard";

    /// <summary>The engine of a table over all shards.</summary>
    /// <param name="table">Which.</param>
    /// <param name="key">On which shard a row belongs.</param>
    internal string Distributed(string table, string key)
        => $"Distributed({Quote(Address.Cluster)}, {Address.Database}, {table}_shard, {key})";

    /// <summary>Asks each shard, all at once.</summary>
    /// <returns>Their answers, in their order.</returns>
    /// <exception cref="NixStoreException">That of the first shard that has failed, in their order; one that does not answer before all others.</exception>
    /// <exception cref="OperationCanceledException"/>
    internal IReadOnlyList<T> OnEach<T>(Func<ClickHouseServer, T> ask, CancellationToken cancellation)
    {
        var tasks = Shards.Select(shard => Task.Factory.StartNew(() => ask(shard), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        try
        {
            Task.WaitAll(tasks, CancellationToken.None);
        }
        catch (AggregateException errors)
        {
            cancellation.ThrowIfCancellationRequested();
            throw Blame(errors.InnerExceptions.OfType<NixStoreException>().OrderBy(error => error.ErrorId == "ClickHouseShardUnavailable" ? 0 : 1).FirstOrDefault() ?? errors.InnerExceptions[0], cancellation);
        }

        return [.. tasks.Select(task => task.Result)];
    }

    /// <summary>Runs a statement on each shard, all at once.</summary>
    /// <inheritdoc cref="OnEach{T}"/>
    internal void ExecuteOnEach(string sql, CancellationToken cancellation) => OnEach(
        shard =>
        {
            shard.Execute(sql, cancellation);
            return true;
        },
        cancellation);

    /// <summary>Runs something that asks the cluster as a whole; when it fails, the shard that is to blame is found out.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable; what it throws itself.</exception>
    internal T Blaming<T>(Func<T> ask, CancellationToken cancellation)
    {
        try
        {
            return ask();
        }
        catch (ClickHouseException error)
        {
            throw Blame(error, cancellation);
        }
    }

    /// <summary>Asks over all shards, by the first one.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    internal ClickHouseRows Query(string sql, CancellationToken cancellation) => Blaming(() => First.Query(sql, cancellation), cancellation);

    /// <summary>Asks one shard something for which it may have to ask the others.</summary>
    /// <inheritdoc cref="Query"/>
    internal ClickHouseRows QueryShard(ClickHouseServer shard, string sql, CancellationToken cancellation) => Blaming(() => shard.Query(sql, cancellation), cancellation);

    /// <summary>A number over all shards.</summary>
    /// <inheritdoc cref="Query"/>
    internal long QueryNumber(string sql, CancellationToken cancellation) => Blaming(() => First.QueryNumber(sql, cancellation), cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var shard in Shards)
        {
            shard.Dispose();
        }
    }

    /// <summary>What a server says of a shard that is gone is an exception of its own that names it, if at all, by its address inside.</summary>
    private Exception Blame(Exception error, CancellationToken cancellation)
    {
        if (error is not ClickHouseException { ErrorId: "ClickHouseQueryFailed" })
        {
            return error;
        }

        foreach (var shard in Shards)
        {
            try
            {
                shard.QueryNumber("SELECT 1 AS one", cancellation);
            }
            catch (NixStoreException gone) when (gone.ErrorId == "ClickHouseShardUnavailable")
            {
                return gone;
            }
        }

        return error;
    }
}
