using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Tests.Support;

/// <summary>Writes rows into the tables of a catalog by SQL.</summary>
internal static class CatalogRows
{
    /// <summary>A hash part that ends with a text.</summary>
    internal static string Hash(string end) => end.PadLeft(32, '0');

    /// <summary>Adds rows; columns that are not among those of the select are null.</summary>
    internal static CatalogWriter Add(this CatalogWriter writer, CatalogTable table, string select)
    {
        var session = writer.Session;
        session.Execute($"CREATE OR REPLACE TEMP TABLE given AS FROM form.{table}; INSERT INTO given BY NAME {select}");
        var step = writer.BeginStep();
        step.Write(table, "SELECT * FROM given ORDER BY 1");
        step.Commit();
        return writer;
    }

    /// <summary>Narinfos: name of the hash, references by such names.</summary>
    internal static CatalogWriter AddNarInfos(this CatalogWriter writer, params IEnumerable<(string Name, string Url, string[] References, string Time)> narInfos)
        => writer.Add(CatalogTable.NarInfos, string.Join(" UNION ALL ", narInfos.Select(item =>
            $"SELECT '{Hash(item.Name)}' AS hash, 'package-{item.Name}' AS pname, '{item.Url}' AS url, 10 AS file_size, 20 AS nar_size, "
            + $"CAST([{string.Join(", ", item.References.Select(name => $"'{Hash(name)}'"))}] AS VARCHAR[]) AS \"references\", CAST('{item.Time}' AS TIMESTAMP_MS) AS last_modified_at")));

    /// <summary>Objects of the bucket.</summary>
    internal static CatalogWriter AddObjects(this CatalogWriter writer, params IEnumerable<(string Key, string Time)> objects)
        => writer.Add(CatalogTable.Objects, string.Join(" UNION ALL ", objects.Select(item => $"SELECT '{item.Key}' AS key, 10 AS size, CAST('{item.Time}' AS TIMESTAMP_MS) AS last_modified_date")));
}
