using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Prices;

/// <summary>
/// What the groups of a cache cost. Volume tiers apply to all bytes of a storage class together; each group has its share of that, so that groups add up
/// to the whole.
/// </summary>
internal sealed class CostEstimate
{
    private const int DaysOfMonth = 30;

    private readonly DuckSession _session;
    private readonly PriceList _list;
    private readonly DateTimeOffset _moment;
    private readonly string _shared;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<string, (long Bytes, decimal Cost)> _classes = new(StringComparer.Ordinal);

    /// <summary>Looks at all that is in the cache.</summary>
    /// <param name="session">The catalog's; nothing else may be asked of it meanwhile.</param>
    /// <param name="catalog">The catalog.</param>
    /// <param name="list">Prices.</param>
    /// <param name="moment">When things would be deleted.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">PriceMissing: the list has not all classes; <see cref="DuckException"/></exception>
    internal CostEstimate(DuckSession session, CacheCatalog catalog, PriceList list, DateTimeOffset moment, CancellationToken cancellation)
    {
        (_session, _list, _moment, _cancellation) = (session, list, moment, cancellation);
        _shared = SharedNars.IsKnown(catalog.Manifest) ? "FROM shared" : SqlText.Of("shared");
        Basis = catalog.Manifest[CatalogTable.Objects].Rows > 0 ? BinaryCacheCostBasis.Objects : BinaryCacheCostBasis.NarInfos;
        session.Execute(SqlText.Of("Prices/table"), cancellation);
        foreach (var (name, price) in list.StorageClasses)
        {
            session.Execute(SqlText.Of("Prices/insert"), cancellation, name, price.MinimumBytes, (long)price.MinimumDays, price.MonitoringMinimumBytes);
        }

        using var rows = Query(Basis == BinaryCacheCostBasis.Objects ? "objects" : "narinfos", "''", _shared);
        while (rows.Read())
        {
            var name = rows.GetText(1);
            if (rows.GetBoolean(8))
            {
                throw new NixStoreException("PriceMissing", StoreErrorKind.NotFound, $"{rows.GetInt64(2):N0} objects are in the storage class {name}, which the price list '{list.Name}' does not have.",
                    name, $"Give a list that has storageClasses.{name}.");
            }

            var bytes = rows.GetInt64(3);
            _classes[name] = (bytes, list.StorageClasses[name].StorageCost(bytes));
        }
    }

    /// <summary>What is priced.</summary>
    internal BinaryCacheCostBasis Basis { get; }

    /// <summary>What groups of objects cost.</summary>
    /// <param name="group">An expression over <c>objects o</c>.</param>
    internal Dictionary<ValueTuple<string?>, GroupCost> OfObjects(string group) => Read("objects", group, _shared);

    /// <summary>What the NARs of groups of narinfos cost.</summary>
    /// <param name="group">An expression over <c>narinfos n</c>.</param>
    /// <param name="shared">The hashes of those whose NAR is counted with another one.</param>
    internal Dictionary<ValueTuple<string?>, GroupCost> OfNars(string group, string shared) => Read(Basis == BinaryCacheCostBasis.Objects ? "nars" : "narinfos", group, shared);

    /// <summary>What some objects cost.</summary>
    /// <param name="source">SQL that gives them, as Prices/billed.sql wants them.</param>
    internal GroupCost Of(string source)
    {
        var cost = GroupCost.None;
        using var rows = Billed(source);
        while (rows.Read())
        {
            cost += CostOf(rows);
        }

        return cost;
    }

    /// <summary>Listing and deleting so many objects.</summary>
    internal decimal Deleting(long objects) => (((objects + 999) / 1000 * _list.ListPer1000) + (objects * _list.DeletePer1000)) / 1000;

    /// <summary>Reading so many narinfos of the class STANDARD.</summary>
    internal decimal Reading(long narInfos) => narInfos * _list.Standard.GetPer1000 / 1000;

    private Dictionary<ValueTuple<string?>, GroupCost> Read(string source, string group, string shared)
    {
        var groups = new Dictionary<ValueTuple<string?>, GroupCost>();
        using var rows = Query(source, group, shared);
        while (rows.Read())
        {
            var key = ValueTuple.Create(rows.TryGetText(0));
            groups[key] = groups.GetValueOrDefault(key, GroupCost.None) + CostOf(rows);
        }

        return groups;
    }

    private GroupCost CostOf(DuckRows rows)
    {
        var price = _list.StorageClasses[rows.GetText(1)];
        var (total, cost) = _classes[rows.GetText(1)];
        var share = total == 0 ? 0 : cost * rows.GetInt64(3) / total;
        var early = total == 0 ? 0 : cost * rows.GetInt64(4) / total / DaysOfMonth;
        var monitoring = rows.GetInt64(5) * price.MonitoringPer1000 / 1000;
        var reading = (rows.GetInt64(6) * price.GetPer1000 / 1000) + ((rows.TryGetInt64(7) ?? 0) / StoragePrice.GiB * price.RetrievalPerGiB);
        return new GroupCost(share + monitoring, early, rows.GetInt64(2), reading);
    }

    private DuckRows Query(string source, string group, string shared)
        => Billed(SqlText.Of($"Prices/{source}", ("group", group), ("shared", shared)));

    private DuckRows Billed(string source) => _session.Query(SqlText.Of("Prices/billed", ("source", source)), _cancellation, _moment);
}
