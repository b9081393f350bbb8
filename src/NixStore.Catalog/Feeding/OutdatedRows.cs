using System.Globalization;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Feeding;

/// <summary>Compares tables of a catalog in a folder with its listing.</summary>
internal static class OutdatedRows
{
    /// <summary>When the listing was made: a narinfo that was written after that is not in it, and is not gone. Null where it does not say.</summary>
    internal static DateTimeOffset? ListedAt(CatalogManifest manifest)
        => manifest.Imports.LastOrDefault(import => import is { IsComplete: true, Kind: not CatalogImportKind.Dataset })?.Created;

    /// <summary>True when there is a listing; without one nothing is known to be gone.</summary>
    internal static bool IsListed(CatalogManifest manifest) => manifest[CatalogTable.Objects].Parts.Count > 0;

    /// <summary>A query for the narinfos that are out of date.</summary>
    internal static string NarInfos(CatalogManifest manifest)
        => SqlText.Of("outdated", ("listed", ListedAt(manifest) is { } created
            ? DuckSession.Quote(created.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)) : "NULL"));

    /// <summary>Takes rows out.</summary>
    /// <param name="writer">The catalog.</param>
    /// <param name="table">The table.</param>
    /// <param name="column">What says which row it is.</param>
    /// <param name="outdated">A query for those that are out of date.</param>
    /// <param name="cancellation">Stops.</param>
    internal static long Remove(CatalogWriter writer, CatalogTable table, string column, string outdated, CancellationToken cancellation)
    {
        writer.Session.Execute($"CREATE OR REPLACE TEMP TABLE outdated AS {outdated}", cancellation);
        var count = TableRemoval.Remove(writer, table, column, $"SELECT {column} FROM outdated", cancellation);
        writer.Session.Execute("DROP TABLE outdated", cancellation);
        return count;
    }
}
