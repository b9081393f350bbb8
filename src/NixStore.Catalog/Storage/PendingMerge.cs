using NixStore.Catalog.Sql;

namespace NixStore.Catalog.Storage;

/// <summary>Ends an import whose steps have written pending parts: makes one table of them, a row a hash, in one step.</summary>
internal static class PendingMerge
{
    /// <summary>Does it.</summary>
    /// <param name="writer">The catalog.</param>
    /// <param name="table">The table.</param>
    /// <param name="sql">The name of the SQL that gives one row a hash of <c>{source}</c> within <c>{range}</c>.</param>
    /// <param name="keep">True = what is in the table stays in it.</param>
    /// <param name="update">What else changes.</param>
    /// <param name="cancellation">Stops; nothing has changed then.</param>
    internal static void Complete(
        CatalogWriter writer, CatalogTable table, string sql, bool keep, Func<CatalogManifest, CatalogManifest> update, CancellationToken cancellation)
    {
        var (old, pending) = (writer.Manifest[table].Parts, writer.Manifest[table].Pending);
        var step = writer.BeginStep();
        if (!keep || pending.Count > 0)
        {
            IReadOnlyList<CatalogPart> parts = keep ? [.. old, .. pending] : pending;
            var source = CatalogViews.Source(table, [.. parts.Select(part => Path.Combine(writer.FolderOf(table), part.Name))]);
            foreach (var range in HashRange.For(parts.Sum(part => part.Rows)))
            {
                step.Write(table, SqlText.Of(sql, ("source", source), ("range", range.Condition("hash"))), cancellation: cancellation);
            }

            step.Drop(table, part => old.Contains(part));
            step.DropPending(table);
        }

        step.Update(update);
        step.Commit();
    }
}
