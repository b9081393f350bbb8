using NixStore.Catalog.Storage;

namespace NixStore.PowerShell.Commands;

/// <summary>Shows how far the graph of a catalog is which has to be built first: every narinfo is read twice.</summary>
internal static class GraphProgress
{
    /// <summary>What takes the narinfos read.</summary>
    internal static Action<long> Of(ICatalog catalog, ProgressDisplay progress)
    {
        var total = 2 * catalog.Manifest[CatalogTable.NarInfos].Rows;
        return done => progress.Report($"Building the graph of references: {done / 2:N0} of {total / 2:N0} narinfos", done, total);
    }
}
