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

    /// <summary>SHA-256 of a line for each part: table, name, rows and its own digest.</summary>
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
        CheckFilled(manifest, catalog.Directory);
        return Of(manifest, catalog.Directory, allowUnreadable, CountUnread(manifest, session, cancellation), () => session.QueryNumber(SqlText.Of("Pruning/Planning/unreadable"), cancellation),
            () => session.QueryNumber(SqlText.Of("Pruning/Planning/bad"), cancellation), () => session.QueryNumber(SqlText.Of("Pruning/Planning/unknown-links"), cancellation));
    }

    /// <summary>Sees to it that there are narinfos.</summary>
    /// <exception cref="NixStoreException">CatalogTableEmpty</exception>
    internal static void CheckFilled(CatalogManifest manifest, string location)
    {
        if (manifest[CatalogTable.NarInfos].Rows == 0)
        {
            throw new NixStoreException("CatalogTableEmpty", StoreErrorKind.NotFound, $"The catalog '{location}' has no narinfos.", location, "Fill it first by Update-BinaryCacheCatalog.");
        }
    }

    /// <summary>Says it.</summary>
    /// <param name="manifest">What the catalog consists of.</param>
    /// <param name="location">Where it is.</param>
    /// <param name="allowUnreadable">Narinfos that could not be had are no reason against it.</param>
    /// <param name="unread">Narinfos of the listing of which nobody knows what they say.</param>
    /// <param name="unreadable">Counts narinfos of the listing that could not be had.</param>
    /// <param name="bad">Counts narinfos of the listing that nobody can use.</param>
    /// <param name="unknownLinks">Counts objects whose owner nobody knows.</param>
    /// <exception cref="NixStoreException">CatalogNotUpToDate, CatalogNarInfosUnreadable</exception>
    internal static PrunePlanSource Of(CatalogManifest manifest, string location, bool allowUnreadable, long unread, Func<long> unreadable, Func<long> bad, Func<long> unknownLinks)
    {
        if (unread > 0)
        {
            throw new NixStoreException("CatalogNotUpToDate", StoreErrorKind.InvalidArgument,
                $"{unread:N0} narinfos of the inventory are not in the catalog '{location}', or in another state: what they refer to, and which NARs they use, is not known.",
                location, "Run Update-BinaryCacheCatalog first.");
        }

        var missed = unreadable();
        return missed > 0 && !allowUnreadable
            ? throw new NixStoreException("CatalogNarInfosUnreadable", StoreErrorKind.InvalidArgument,
                $"{missed:N0} narinfos of the inventory could not be had when the catalog '{location}' was updated: what they refer to, and which NARs they use, is not known.",
                location, "Run Update-BinaryCacheCatalog again, with a newer inventory if they were deleted meanwhile: it asks for them again. If nobody can need them, give -AllowUnreadable.")
            : new PrunePlanSource
            {
                Digest = DigestOf(manifest),
                InventoryTime = manifest.Imports.LastOrDefault(import => import is { IsComplete: true, Kind: not CatalogImportKind.Dataset })?.Created,
                NarInfos = manifest[CatalogTable.NarInfos].Rows,
                Objects = manifest[CatalogTable.Objects].Rows,
                BadNarInfos = bad(),
                UnreadableNarInfos = missed,
                UnknownLinks = unknownLinks(),
            };
    }

    /// <summary>Narinfos of the listing of which nobody knows what they say. Mostly there are none, which is seen without a join.</summary>
    private static long CountUnread(CatalogManifest manifest, DuckSession session, CancellationToken cancellation)
        => session.QueryNumber(SqlText.Of("Pruning/Planning/is-current"), cancellation) == 1 ? 0
            : HashRange.Split(manifest[CatalogTable.Objects].Rows).Sum(range => session.QueryNumber(SqlText.Of("Pruning/Planning/unread", ("range", range.Condition("key")), ("hashes", range.Condition("hash"))), cancellation));
}
