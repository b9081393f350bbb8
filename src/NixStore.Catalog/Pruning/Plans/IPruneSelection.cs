using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>Chooses what goes, by the engine that keeps the catalog. What a plan then says of it is written by the embedded one in any case.</summary>
internal interface IPruneSelection : IDisposable
{
    /// <summary>Folder or address of the catalog, without a password.</summary>
    string Location { get; }

    /// <summary>What the catalog consists of.</summary>
    CatalogManifest Manifest { get; }

    /// <summary>
    /// A session that has the tables of the catalog, after <see cref="Choose"/> at least as far as the plan depends on them, and the function <c>goes(hash)</c>: 1 for
    /// what goes, 0 for what stays. The tables <c>given_paths</c> and <c>given_nars</c> are those of the request.
    /// </summary>
    DuckSession Session { get; }

    /// <summary>A query for the narinfos whose NAR is counted with another one.</summary>
    string Shared { get; }

    /// <summary>Tells what all of the cache costs.</summary>
    ICostSource Costs { get; }

    /// <summary>What a plan says of the catalog that it is made of.</summary>
    /// <exception cref="NixStoreException">CatalogTableEmpty; CatalogNotUpToDate: there are narinfos of which nobody knows what they refer to.</exception>
    PrunePlanSource Source();

    /// <summary>Finds the candidates, what becomes of each by itself, and what must stay because something that stays refers to it.</summary>
    /// <param name="report">Gets what is being done.</param>
    void Choose(Action<string> report);

    /// <summary>How many narinfos have a mark of <see cref="PruneMarks"/>.</summary>
    long Count(byte mark);
}
