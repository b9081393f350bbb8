using System.Globalization;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>The narinfos whose NAR is counted with another one: as the catalog knows it, or found out in a session.</summary>
internal static class ClusterShared
{
    // Addresses of NARs that are told apart at once.
    private const long RowsAtOnce = 16_000_000;

    /// <summary>A query for their hashes, for each shard by itself.</summary>
    internal static string Of(ClusterSession session, CancellationToken cancellation)
    {
        if (SharedNars.IsKnown(session.Manifest))
        {
            return session.Expand("SELECT hash FROM {shared_shard} WHERE {shared_parts}");
        }

        session.MakeTable("doubled", "hash String", "hash", "hash", cancellation);
        Fill(session, cancellation);
        return session.Expand("SELECT hash FROM {doubled_shard}");
    }

    /// <summary>The same by reachability: of those that share a NAR, the one that is nearest to a root counts.</summary>
    /// <param name="session">The session in which the table <c>reached</c> is.</param>
    /// <param name="shared">What <see cref="Of"/> gives.</param>
    /// <param name="cancellation">Stops.</param>
    internal static string ByReachability(ClusterSession session, string shared, CancellationToken cancellation)
    {
        session.MakeTable("twice_named", "hash String, url String, place String", "url", "url", cancellation);
        session.MakeTable("counted_elsewhere", "hash String", "hash", "hash", cancellation);
        session.Execute(session.Sql("twice-named", ("steps", session.Sql("steps", ("range", "true"))), ("shared", shared)), cancellation);
        session.Execute(session.Sql("shared-by-reachability"), cancellation);
        return session.Expand("SELECT hash FROM {counted_elsewhere_shard}");
    }

    private static void Fill(ClusterSession session, CancellationToken cancellation)
    {
        var buckets = 1 + (session.Manifest[CatalogTable.NarInfos].Rows / RowsAtOnce);
        for (long bucket = 0; bucket < buckets; bucket++)
        {
            session.Execute(session.Sql("shared", ("bucket", string.Create(CultureInfo.InvariantCulture, $"cityHash64(ifNull(url, '')) % {buckets} = {bucket}"))), cancellation);
        }
    }
}
