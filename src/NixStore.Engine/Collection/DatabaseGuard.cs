using NixStore.Engine.Database;
using NixStore.Engine.Liveness;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Collection;

/// <summary>
/// Refuses to delete on the word of a database that cannot be believed: real Nix deletes the whole store for a lost index or an empty
/// database (NIX-ON-DAMAGE, cases h6 and h7). No parameter overrides it.
/// </summary>
internal static class DatabaseGuard
{
    /// <summary>So few entries may be unregistered without any suspicion: an interrupted download leaves that many.</summary>
    private const int Unsuspicious = 10;

    /// <summary>Refuses a database that SQLite's own checks find fault with.</summary>
    /// <exception cref="NixStoreException">DatabaseNotTrustworthy</exception>
    /// <exception cref="StoreDatabaseException"/>
    internal static void EnsureSound(StoreDatabaseWriter database, CancellationToken cancellation)
    {
        if (database.CheckIntegrity(cancellation) is { Count: > 0 } findings)
        {
            throw NotTrustworthy(database.Store, $"it fails its checks ({string.Join("; ", findings)})");
        }
    }

    /// <summary>Refuses a database that knows nothing of most of what is there, or a directory that has nothing of what it knows.</summary>
    /// <exception cref="NixStoreException">DatabaseNotTrustworthy</exception>
    /// <exception cref="StoreDirectoryEmptyException"/>
    internal static void EnsurePlausible(StoreSurvey survey)
    {
        var store = survey.Graph.Store;
        var unregistered = survey.Directory.Unregistered.Count(entry => entry.Kind == StoreGarbageKind.Unregistered);
        if (unregistered > Unsuspicious && unregistered > survey.Directory.PresentCount)
        {
            throw NotTrustworthy(store,
                $"it knows {survey.Directory.PresentCount} of the {survey.Directory.PresentCount + unregistered} paths in '{store.RealDirectory}'");
        }

        if (survey.Graph.Count > 0 && survey.Directory.PresentCount == 0)
        {
            throw new StoreDirectoryEmptyException(store, survey.Graph.Count);
        }
    }

    private static NixStoreException NotTrustworthy(StoreLocation store, string why) => new(
        "DatabaseNotTrustworthy", StoreErrorKind.InvalidData,
        $"Nothing of {store.Url} is deleted on the word of the database '{store.DatabasePath}': {why}.", store.DatabasePath,
        "Mend it first (Test-StoreDatabase, Repair-StoreDatabase), or restore a backup of it. Do not run Nix's own collection before that.");
}
