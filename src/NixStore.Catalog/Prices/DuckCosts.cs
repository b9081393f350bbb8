using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Prices;

/// <summary>What is billed, by the embedded engine.</summary>
/// <param name="session">The catalog's; nothing else may be asked of it meanwhile.</param>
/// <param name="shared">A query for the narinfos whose NAR is counted with another one.</param>
/// <param name="cancellation">Stops.</param>
internal sealed class DuckCosts(DuckSession session, string shared, CancellationToken cancellation) : ICostSource
{
    private DateTimeOffset _moment;

    /// <inheritdoc/>
    public void Use(PriceList list, DateTimeOffset moment)
    {
        _moment = moment;
        session.Execute(SqlText.Of("Prices/table"), cancellation);
        foreach (var (name, price) in list.StorageClasses)
        {
            session.Execute(SqlText.Of("Prices/insert"), cancellation, name, price.MinimumBytes, (long)price.MinimumDays, price.MonitoringMinimumBytes);
        }
    }

    /// <inheritdoc/>
    public ICatalogRows OfObjects(string group) => Billed(SqlText.Of("Prices/objects", ("group", group)));

    /// <inheritdoc/>
    public ICatalogRows OfNars(string group, BinaryCacheCostBasis basis, bool byReachability)
        => Billed(SqlText.Of(basis == BinaryCacheCostBasis.Objects ? "Prices/nars" : "Prices/narinfos", ("group", group),
            ("shared", byReachability ? SqlText.Of("shared-by-reachability", ("shared", shared)) : shared)));

    /// <summary>Of some objects.</summary>
    /// <param name="source">SQL that gives them, as Prices/billed.sql wants them.</param>
    internal ICatalogRows Billed(string source) => session.Query(SqlText.Of("Prices/billed", ("source", source)), cancellation, _moment);
}
