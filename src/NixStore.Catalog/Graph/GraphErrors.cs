namespace NixStore.Catalog.Graph;

/// <summary>Errors of the reference graph.</summary>
internal static class GraphErrors
{
    /// <summary>CatalogGraphDamaged</summary>
    internal static NixStoreException Damaged(string path) => new(
        "CatalogGraphDamaged", StoreErrorKind.InvalidData, $"'{path}' of the reference graph is missing or has the wrong size.", path,
        "Remove the catalog's folder 'graph'; it is derived from the narinfos and made anew.");

    /// <summary>CatalogHashMalformed</summary>
    internal static NixStoreException Malformed(string text) => new(
        "CatalogHashMalformed", StoreErrorKind.InvalidData, $"The catalog has a narinfo named '{text}', which is no hash part of a store path.", text,
        "Remove the row, or import the dataset anew from a source that is right.");

    /// <summary>CatalogCorrupt</summary>
    internal static NixStoreException NotAsSaid(string narinfos) => new(
        "CatalogCorrupt", StoreErrorKind.InvalidData, $"A file of {narinfos} has more or fewer rows than it should have.", narinfos,
        "It was changed by something else: import the cache anew.");

    /// <summary>CatalogHashTwice</summary>
    internal static NixStoreException Twice(string narinfos) => new(
        "CatalogHashTwice", StoreErrorKind.InvalidData, $"Two rows of {narinfos} have the same hash.", narinfos,
        "Import the dataset anew; a narinfo has one row.");
}
