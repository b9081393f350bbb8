using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Copying;

/// <summary>A catalog that is copied.</summary>
internal interface ICopySource
{
    /// <summary>Folder or address, without a password.</summary>
    string Location { get; }

    /// <summary>What it consists of.</summary>
    CatalogManifest Manifest { get; }

    /// <summary>Lets a session see the rows of a part.</summary>
    /// <returns>What stands behind FROM.</returns>
    string Load(DuckSession session, CatalogTable table, CatalogPart part, CancellationToken cancellation);

    /// <summary>Sees to it that a copy does not take the place of what is copied.</summary>
    /// <exception cref="NixStoreException">CatalogCopyOntoItself; ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    void CheckApart(ClickHouseAddress target, CancellationToken cancellation);

    /// <summary>Sees to it, when rows of a part are missing, that this is not because the catalog was written to.</summary>
    /// <exception cref="NixStoreException">CatalogChanged</exception>
    void CheckCurrent(CancellationToken cancellation);
}
