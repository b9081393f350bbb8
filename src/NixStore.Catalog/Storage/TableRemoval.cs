namespace NixStore.Catalog.Storage;

/// <summary>Takes rows out of a table: each part that has one of them is written anew without, all in one step.</summary>
internal static class TableRemoval
{
    /// <summary>Does it.</summary>
    /// <param name="writer">The catalog.</param>
    /// <param name="table">The table.</param>
    /// <param name="column">The column that says which row it is.</param>
    /// <param name="keys">A query for its values that are to go.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>How many rows have gone.</returns>
    internal static long Remove(CatalogWriter writer, CatalogTable table, string column, string keys, CancellationToken cancellation)
    {
        var session = writer.Session;
        if (writer.Manifest[table].Parts.Count == 0 || session.QueryNumber($"SELECT count(*) FROM ({keys})", cancellation) == 0)
        {
            return 0;
        }

        var step = writer.BeginStep();
        long removed = 0;
        foreach (var part in writer.Manifest[table].Parts)
        {
            var source = CatalogViews.Source(table, [Path.Combine(writer.FolderOf(table), part.Name)]);
            var count = session.QueryNumber($"SELECT count(*) FROM {source} WHERE {column} IN ({keys})", cancellation);
            if (count > 0)
            {
                removed += count;
                step.Drop(table, other => other.Name == part.Name);
                step.Write(table, $"SELECT * FROM {source} WHERE {column} NOT IN ({keys})", cancellation: cancellation);
            }
        }

        step.Commit();
        return removed;
    }
}
