using System.Text.Encodings.Web;
using System.Text.Json;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>All that is in a catalog, as texts that can be compared.</summary>
internal static class CatalogTables
{
    /// <summary>Each row of a table, with every column and its type of absence, sorted.</summary>
    internal static List<string> Rows(CacheCatalog catalog, CatalogTable table)
    {
        using var session = catalog.OpenSession();
        var texts = new List<string>();
        using var rows = session.Query($"SELECT * FROM {table}");
        while (rows.ReadChunk())
        {
            for (var row = 0; row < rows.Count; row++)
            {
                var values = new string[rows.ColumnCount];
                for (var column = 0; column < values.Length; column++)
                {
                    values[column] = Value(rows.Column(column), row);
                }

                texts.Add(string.Join('|', values));
            }
        }

        texts.Sort(StringComparer.Ordinal);
        return texts;
    }

    private static string Value(DuckVector vector, int row)
    {
        if (vector.IsNull(row))
        {
            return "-";
        }

        switch (vector.Type)
        {
            case DuckType.Text:
                return "'" + Convert.ToHexString(vector.BytesAt(row));
            case DuckType.List:
                var (start, count) = vector.ListAt(row);
                var elements = new string[count];
                for (var i = 0; i < count; i++)
                {
                    elements[i] = Value(vector.Elements(DuckType.Text), start + i);
                }

                return $"[{string.Join(',', elements)}]";
            default:
                return vector.Int64At(row).ToString();
        }
    }

    /// <summary>Asserts that two catalogs have the same rows in all tables, and the same parts of the same names.</summary>
    internal static void AssertSame(CacheCatalog wanted, CacheCatalog actual)
    {
        foreach (var table in CatalogTable.All)
        {
            Assert.Equal(wanted.Manifest[table].Parts.Select(part => (part.Name, part.Rows)), actual.Manifest[table].Parts.Select(part => (part.Name, part.Rows)));
            Assert.Equal(Rows(wanted, table), Rows(actual, table));
        }
    }

    /// <summary>The objects of an engine as texts, without the place of the catalog.</summary>
    internal static IEnumerable<string> Texts<T>(IEnumerable<T> items, ICatalog catalog) => [.. items.Select(item => Text(item, catalog))];

    /// <summary>One of them.</summary>
    internal static string Text<T>(T item, ICatalog catalog) => JsonSerializer.Serialize(item, s_options).Replace(JsonSerializer.Serialize(catalog.Location, s_options), "\"here\"", StringComparison.Ordinal);

    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
