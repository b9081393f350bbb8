using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Prices;

/// <summary>
/// Tells what is billed, by groups and storage classes: rows with the group, the class, objects, bytes, bytes times days for which they are billed although they are
/// deleted now, how many are monitored, how many are narinfos, the bytes of these, and whether the price list lacks the class.
/// </summary>
internal interface ICostSource
{
    /// <summary>Takes the rules of a price list.</summary>
    /// <param name="list">The list.</param>
    /// <param name="moment">When things would be deleted.</param>
    void Use(PriceList list, DateTimeOffset moment);

    /// <summary>Of objects.</summary>
    /// <param name="group">An expression over them.</param>
    ICatalogRows OfObjects(string group);

    /// <summary>Of NARs, each once.</summary>
    /// <param name="group">An expression over narinfos.</param>
    /// <param name="basis">What tells their sizes.</param>
    /// <param name="byReachability">True when the group is that of reachability: then that decides by which narinfo a NAR is counted that several name.</param>
    ICatalogRows OfNars(string group, BinaryCacheCostBasis basis, bool byReachability);
}
