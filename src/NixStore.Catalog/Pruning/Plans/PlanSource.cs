using System.Security.Cryptography;
using System.Text;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>What a plan says of the catalog that it is made of.</summary>
internal static class PlanSource
{
    /// <summary>The tables that a plan depends on, in the order of the digest.</summary>
    internal static IReadOnlyList<CatalogTable> Tables { get; } = [CatalogTable.NarInfos, CatalogTable.Objects, CatalogTable.Findings, CatalogTable.Roots, CatalogTable.Links];

    /// <summary>SHA-256 of a line for each part: table, name, rows, bytes and SHA-256 of its file.</summary>
    internal static string DigestOf(CatalogManifest manifest)
    {
        var lines = Tables.SelectMany(table => manifest[table].Parts.Select(part => $"{table}\t{part.DigestLine}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    /// <summary>Looks at a catalog.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="session">Its engine, with the macros of planning.</param>
    /// <param name="allowUnreadable">Narinfos that could not be had are no reason against it.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">
    /// CatalogTableEmpty; CatalogNotUpToDate, CatalogNarInfosUnreadable: there are narinfos of which nobody knows what they refer to.
    /// </exception>
    internal static PrunePlanSource Of(CacheCatalog catalog, DuckSession session, bool allowUnreadable, CancellationToken cancellation)
    {
        var manifest = catalog.Manifest;
        if (manifest[CatalogTable.NarInfos].Rows == 0)
        {
            throw new NixStoreException("CatalogTableEmpty", StoreErrorKind.NotFound, $"The catalog '{catalog}' has no narinfos.", catalog.Directory, "Fill it first by Update-BinaryCacheCatalog.");
        }

        var unread = CountUnread(manifest, session, cancellation);
        if (unread > 0)
        {
            throw new NixStoreException("CatalogNotUpToDate", StoreErrorKind.InvalidArgument,
                $"{unread:N0} narinfos of the inventory are not in the catalog '{catalog}', or in another state: what they refer to, and which NARs they use, is not known.",
                catalog.Directory, "Run Update-BinaryCacheCatalog first.");
        }

        var unreadable = session.QueryNumber(SqlText.Of("Pruning/Planning/unreadable"), cancellation);
        return unreadable > 0 && !allowUnreadable
            ? throw new NixStoreException("CatalogNarInfosUnreadable", StoreErrorKind.InvalidArgument,
                $"{unreadable:N0} narinfos of the inventory could not be had when the catalog '{catalog}' was updated: what they refer to, and which NARs they use, is not known.",
                catalog.Directory, "Run Update-BinaryCacheCatalog again, with a newer inventory if they were deleted meanwhile: it asks for them again. If nobody can need them, give -AllowUnreadable.")
            : new PrunePlanSource
            {
                Digest = DigestOf(manifest),
                InventoryTime = manifest.Imports.LastOrDefault(import => import is { IsComplete: true, Kind: not CatalogImportKind.Dataset })?.Created,
                NarInfos = manifest[CatalogTable.NarInfos].Rows,
                Objects = manifest[CatalogTable.Objects].Rows,
                BadNarInfos = session.QueryNumber(SqlText.Of("Pruning/Planning/bad"), cancellation),
                UnreadableNarInfos = unreadable,
                UnknownLinks = session.QueryNumber(SqlText.Of("Pruning/Planning/unknown-links"), cancellation),
            };
    }

    /// <summary>Narinfos of the listing of which nobody knows what they say. Mostly there are none, which is seen without a join.</summary>
    private static long CountUnread(CatalogManifest manifest, DuckSession session, CancellationToken cancellation)
        => session.QueryNumber(SqlText.Of("Pruning/Planning/is-current"), cancellation) == 1 ? 0
            : HashRange.Split(manifest[CatalogTable.Objects].Rows).Sum(range => session.QueryNumber(SqlText.Of("Pruning/Planning/unread", ("range", range.Condition("key")), ("hashes", range.Condition("hash"))), cancellation));
}
