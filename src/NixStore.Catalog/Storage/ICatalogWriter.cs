using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.Storage;

/// <summary>A catalog that is open for changes, wherever it is kept: <see cref="CatalogWriter"/> in a folder, <see cref="ClickHouse.ClusterWriter"/> on a cluster.</summary>
public interface ICatalogWriter : IDisposable
{
    /// <summary>Folder or address, without a password.</summary>
    string Location { get; }

    /// <summary>What it consists of by now.</summary>
    CatalogManifest Manifest { get; }

    /// <summary>An engine in which what comes from outside is read, and from which it is written; it has the forms of the tables in the schema <c>form</c>.</summary>
    DuckSession Session { get; }

    /// <summary>Begins a step.</summary>
    ICatalogStep BeginStep();

    /// <summary>How the pending parts of the table <c>objects</c> differ from those that count.</summary>
    CatalogDifference CompareObjects(CancellationToken cancellation);

    /// <summary>Makes the table <c>wanted</c> in the session: the narinfos of the listing that are to be read, in the order of their hashes.</summary>
    void FindWanted(CancellationToken cancellation);

    /// <summary>Takes out the narinfos that the listing does not have any more, or in another state, and what was found about such ones.</summary>
    /// <returns>How many narinfos.</returns>
    long RemoveOutdated(CancellationToken cancellation);

    /// <summary>Makes the table <c>wanted</c> in the session: the objects of the listing whose owners are to be read, in the order of their keys.</summary>
    void FindWantedLinks(CancellationToken cancellation);

    /// <summary>Takes out the owners of objects that the listing does not have any more, or in another state.</summary>
    /// <returns>How many.</returns>
    long RemoveOutdatedLinks(CancellationToken cancellation);

    /// <summary>Which of some hashes the catalog has.</summary>
    /// <param name="hashes">A query in the session for a column <c>hash</c>.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>What stands behind FROM for these, and maybe for others, in the session.</returns>
    string FindKnown(string hashes, CancellationToken cancellation);

    /// <summary>Finds the NARs that several narinfos name, when the narinfos have changed since.</summary>
    void RefreshShared(CancellationToken cancellation);
}
