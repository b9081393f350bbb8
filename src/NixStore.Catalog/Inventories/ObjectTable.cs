using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Inventories;

/// <summary>Exchanges what the table <c>objects</c> consists of.</summary>
internal static class ObjectTable
{
    /// <summary>Makes the pending parts the table, and notes how they differ from what was there.</summary>
    internal static CatalogImport Complete(ICatalogWriter writer, CatalogImport import, CancellationToken cancellation)
    {
        var hasOld = writer.Manifest.Imports.Any(other => other.IsComplete && other.Kind is CatalogImportKind.Inventory or CatalogImportKind.Listing);
        var complete = import with { IsComplete = true, Difference = hasOld ? writer.CompareObjects(cancellation) : null };
        var step = writer.BeginStep();
        step.ReplaceByPending(CatalogTable.Objects);
        step.Update(manifest => manifest.With(complete));
        step.Commit();
        return complete;
    }
}
