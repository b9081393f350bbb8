using System.Globalization;
using NixStore.Catalog.Roots;

namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// What of a catalog on a cluster its roots lead to: in rounds, in each of which every shard sends what its newly reached narinfos refer to there where it belongs, and
/// then looks which of what it was sent is new. Kept in a table on the cluster until it is disposed of.
/// </summary>
internal sealed class ClusterReachability : IRootReachability
{
    private ClusterReachability(ClusterSession session, long count, int levels) => (Session, Count, Levels) = (session, count, levels);

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public int Levels { get; }

    /// <summary>The session, in which it is the table <c>reached</c>: a row a narinfo with its <c>hash</c> and <c>depth</c>.</summary>
    internal ClusterSession Session { get; }

    /// <summary>Walks from the roots.</summary>
    /// <exception cref="NixStoreException">
    /// CatalogHasNoRoots: there are none, all have expired, or the cache has none of them; ClickHouseShardUnavailable, ClickHouseShardRestarted; <see cref="ClickHouseException"/>
    /// </exception>
    /// <exception cref="OperationCanceledException"/>
    internal static ClusterReachability Open(ClusterCatalog catalog, DateTimeOffset now, CancellationToken cancellation)
    {
        var session = catalog.OpenSession(cancellation);
        try
        {
            var young = YoungCondition(catalog, session, now, cancellation);
            session.MakeTable("reached", "hash String, depth UInt32", "hash", "hash", cancellation, partition: "depth");
            session.MakeTable("frontier", "round UInt32, hash String", "hash", "hash", cancellation, partition: "round");
            session.Cluster.ExecuteOnEach(session.Sql("Roots/reached", ("now", ClusterDialect.Moment(now)), ("young", young)), cancellation);
            var (count, levels) = Walk(session, cancellation);
            if (count == 0 && session.QueryNumber(session.Expand("SELECT count() FROM {narinfos} WHERE {narinfos_parts}"), cancellation) > 0)
            {
                throw RootErrors.None(catalog.Location, "has no narinfo of any of its roots");
            }

            session.Verify(cancellation, countsRows: true);
            return new ClusterReachability(session, count, levels);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    /// <summary>The condition that a rule makes a narinfo a root. Of several rules, the one with the greatest age says all.</summary>
    private static string YoungCondition(ClusterCatalog catalog, ClusterSession session, DateTimeOffset now, CancellationToken cancellation)
    {
        using var rows = session.Query(session.Sql("Roots/count", ("now", ClusterDialect.Moment(now))), cancellation);
        rows.Read();
        if (rows.GetInt64(0) == 0)
        {
            throw RootErrors.None(catalog.Location, rows.GetInt64(1) == 0 ? "has no roots" : "has only roots that have expired");
        }

        if (rows.TryGetInt64(2) is not { } seconds)
        {
            return "false";
        }

        var age = TimeSpan.FromSeconds(seconds);
        return session.Sql("Roots/young", ("since", ClusterDialect.Moment(now.Ticks > age.Ticks ? now - age : DateTimeOffset.UnixEpoch)));
    }

    private static (long Count, int Levels) Walk(ClusterSession session, CancellationToken cancellation)
    {
        for (var (round, total) = (0, 0L); ; round++)
        {
            var reached = session.QueryNumber(session.Expand($"SELECT count() FROM {{reached}} WHERE depth = {round}"), cancellation);
            if (reached == 0)
            {
                return (total, Math.Max(0, round - 1));
            }

            total += reached;
            var (now, next) = (round.ToString(CultureInfo.InvariantCulture), (round + 1).ToString(CultureInfo.InvariantCulture));
            session.Cluster.ExecuteOnEach(session.Sql("Roots/frontier", ("round", now)), cancellation);
            session.Cluster.ExecuteOnEach(session.Sql("Roots/step", ("round", now), ("next", next)), cancellation);
            session.Cluster.ExecuteOnEach(session.Expand($"ALTER TABLE {{frontier_shard}} DROP PARTITION {now}"), cancellation);
        }
    }
}
