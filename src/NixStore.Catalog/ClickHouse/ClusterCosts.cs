using System.Globalization;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>What is billed, by a cluster.</summary>
internal sealed class ClusterCosts : ICostSource
{
    private const string Size = "size";
    private readonly ClusterSession _session;
    private readonly CancellationToken _cancellation;
    private PriceList? _list;
    private DateTimeOffset _moment;

    /// <summary>Begins.</summary>
    /// <param name="session">The session.</param>
    /// <param name="isReached">True when the table <c>reached</c> is in it, by which NARs that several narinfos name are counted.</param>
    /// <param name="cancellation">Stops.</param>
    internal ClusterCosts(ClusterSession session, bool isReached, CancellationToken cancellation)
    {
        (_session, _cancellation) = (session, cancellation);
        var shared = ClusterShared.Of(session, cancellation);
        Join = isReached ? session.Sql("counted", ("shared", ClusterShared.ByReachability(session, shared, cancellation)), ("steps", session.Sql("counted-steps")))
            : session.Sql("counted", ("shared", shared), ("steps", ""));
    }

    /// <summary>Behind FROM narinfos: tells those that do not count by <c>is_shared</c>.</summary>
    internal string Join { get; }

    /// <inheritdoc/>
    public void Use(PriceList list, DateTimeOffset moment) => (_list, _moment) = (list, moment);

    /// <inheritdoc/>
    public ICatalogRows OfObjects(string group)
        => Billed("{objects}", group, "last_modified_date", "price_class(storage_class, intelligent_tiering_access_tier)", "length(key) = 40 AND endsWith(key, '.narinfo')",
            "{objects_parts} AND is_visible(is_latest, is_delete_marker)");

    /// <inheritdoc/>
    public ICatalogRows OfNars(string group, BinaryCacheCostBasis basis, bool byReachability)
    {
        if (basis == BinaryCacheCostBasis.NarInfos)
        {
            return Billed($"{{narinfos}} {Join}", group, "last_modified_at", "price_class(NULL, NULL)", "0", "{narinfos_parts} AND is_shared = 0", "file_size");
        }

        _session.MakeTable("billed_nars", "key String, group_name Nullable(String)", "key", "key", _cancellation);
        _session.Execute(_session.Sql("Prices/nars", ("group", group), ("join", Join)), _cancellation);

        // Not ANY INNER JOIN: servers of today give it one of the objects of a key only, be it one that nobody sees.
        return Billed("{objects} ANY LEFT JOIN (SELECT key, group_name AS nar_group_name, toUInt8(1) AS is_billed FROM {billed_nars_shard}) AS billed USING key", "nar_group_name", "last_modified_date",
            "price_class(storage_class, intelligent_tiering_access_tier)", "0", "is_billed = 1 AND {objects_parts} AND is_visible(is_latest, is_delete_marker) AND NOT endsWith(key, '.narinfo')");
    }

    private ClickHouseRows Billed(string source, string group, string time, string price, string isNarInfo, string condition, string size = Size)
    {
        var classes = _list!.StorageClasses.ToList();
        var names = List(classes.Select(item => ClickHouseCluster.Quote(item.Key)));
        var least = $"transform({price}, {names}, {List(classes.Select(item => Number(item.Value.MinimumBytes)))}, toInt64(0))";
        var seconds = $"transform({price}, {names}, {List(classes.Select(item => Number(item.Value.MinimumDays * 86400L)))}, toInt64(0))";
        var left = $"if(isNull({time}), toInt64(0), greatest(toInt64(0), least({seconds}, {seconds} - intDiv({Number(_moment.ToUnixTimeMilliseconds())} - assumeNotNull({time}), 1000))))";
        return _session.Query(
            _session.Sql("Prices/billed", ("grouping", group), ("class", price), ("bytes", $"greatest(ifNull({size}, 0), {least})"), ("seconds", left), ("size", size), ("names", names),
                ("monitored_bytes", List(classes.Select(item => Number(item.Value.MonitoringMinimumBytes)))), ("is_narinfo", isNarInfo), ("source", source), ("condition", condition)), _cancellation);
    }

    private static string List(IEnumerable<string> items) => $"[{string.Join(", ", items)}]";

    private static string Number(long number) => $"toInt64({number.ToString(CultureInfo.InvariantCulture)})";
}
