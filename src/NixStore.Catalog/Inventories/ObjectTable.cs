using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Inventories;

/// <summary>Exchanges what the table <c>objects</c> consists of.</summary>
internal static class ObjectTable
{
    /// <summary>Makes the pending parts the table, and notes how they differ from what was there.</summary>
    internal static CatalogImport Complete(CatalogWriter writer, CatalogImport import, CancellationToken cancellation)
    {
        var parts = writer.Manifest[CatalogTable.Objects];
        var hasOld = writer.Manifest.Imports.Any(other => other.IsComplete && other.Kind is CatalogImportKind.Inventory or CatalogImportKind.Listing);
        var complete = import with { IsComplete = true, Difference = hasOld ? Compare(writer, parts, cancellation) : null };
        var step = writer.BeginStep();
        step.ReplaceByPending(CatalogTable.Objects);
        step.Update(manifest => manifest.With(complete));
        step.Commit();
        return complete;
    }

    private static CatalogDifference Compare(CatalogWriter writer, CatalogTableParts parts, CancellationToken cancellation)
    {
        var sql = SqlText.Of("difference", ("old", Source(writer, parts.Parts)), ("new", Source(writer, parts.Pending)));
        using var rows = writer.Session.Query(sql, cancellation);
        return rows.Read() ? new CatalogDifference(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3)) : new CatalogDifference(0, 0, 0, 0);
    }

    private static string Source(CatalogWriter writer, IReadOnlyList<CatalogPart> parts)
        => CatalogViews.Source(CatalogTable.Objects, [.. parts.Select(part => Path.Combine(writer.FolderOf(CatalogTable.Objects), part.Name))]);
}
