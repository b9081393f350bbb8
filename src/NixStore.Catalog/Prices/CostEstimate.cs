using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Prices;

/// <summary>
/// What the groups of a cache cost. Volume tiers apply to all bytes of a storage class together; each group has its share of that, so that groups add up
/// to the whole.
/// </summary>
internal sealed class CostEstimate
{
    private const int DaysOfMonth = 30;

    private readonly ICostSource _source;
    private readonly PriceList _list;
    private readonly Dictionary<string, (long Bytes, decimal Cost)> _classes = new(StringComparer.Ordinal);

    /// <summary>Looks at all that is in the cache.</summary>
    /// <param name="source">Tells what is billed.</param>
    /// <param name="manifest">What the catalog consists of.</param>
    /// <param name="list">Prices.</param>
    /// <param name="moment">When things would be deleted.</param>
    /// <exception cref="NixStoreException">PriceMissing: the list has not all classes; of the engine.</exception>
    internal CostEstimate(ICostSource source, CatalogManifest manifest, PriceList list, DateTimeOffset moment)
    {
        (_source, _list) = (source, list);
        Basis = manifest[CatalogTable.Objects].Rows > 0 ? BinaryCacheCostBasis.Objects : BinaryCacheCostBasis.NarInfos;
        source.Use(list, moment);
        using var rows = Basis == BinaryCacheCostBasis.Objects ? source.OfObjects("''") : source.OfNars("''", Basis, false);
        while (rows.Read())
        {
            var name = rows.GetText(1);
            if (rows.GetInt64(8) != 0)
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
    /// <param name="group">An expression over objects.</param>
    internal Dictionary<ValueTuple<string?>, GroupCost> OfObjects(string group) => Read(_source.OfObjects(group));

    /// <summary>What the NARs of groups of narinfos cost.</summary>
    /// <param name="group">An expression over narinfos.</param>
    /// <param name="byReachability">True when the group is that of reachability.</param>
    internal Dictionary<ValueTuple<string?>, GroupCost> OfNars(string group, bool byReachability) => Read(_source.OfNars(group, Basis, byReachability));

    /// <summary>What some objects cost.</summary>
    /// <param name="billed">Rows as an <see cref="ICostSource"/> gives them.</param>
    internal GroupCost Of(ICatalogRows billed)
    {
        var cost = GroupCost.None;
        using (billed)
        {
            while (billed.Read())
            {
                cost += CostOf(billed);
            }
        }

        return cost;
    }

    /// <summary>Listing and deleting so many objects.</summary>
    internal decimal Deleting(long objects) => (((objects + 999) / 1000 * _list.ListPer1000) + (objects * _list.DeletePer1000)) / 1000;

    /// <summary>Reading so many narinfos of the class STANDARD.</summary>
    internal decimal Reading(long narInfos) => narInfos * _list.Standard.GetPer1000 / 1000;

    private Dictionary<ValueTuple<string?>, GroupCost> Read(ICatalogRows billed)
    {
        var groups = new Dictionary<ValueTuple<string?>, GroupCost>();
        using var rows = billed;
        while (rows.Read())
        {
            var key = ValueTuple.Create(rows.TryGetText(0));
            groups[key] = groups.GetValueOrDefault(key, GroupCost.None) + CostOf(rows);
        }

        return groups;
    }

    private GroupCost CostOf(ICatalogRows rows)
    {
        var price = _list.StorageClasses[rows.GetText(1)];
        var (total, cost) = _classes[rows.GetText(1)];
        var share = total == 0 ? 0 : cost * rows.GetInt64(3) / total;
        var early = total == 0 ? 0 : cost * rows.GetInt64(4) / total / DaysOfMonth;
        var monitoring = rows.GetInt64(5) * price.MonitoringPer1000 / 1000;
        var reading = (rows.GetInt64(6) * price.GetPer1000 / 1000) + ((rows.TryGetInt64(7) ?? 0) / StoragePrice.GiB * price.RetrievalPerGiB);
        return new GroupCost(share + monitoring, early, rows.GetInt64(2), reading);
    }
}
