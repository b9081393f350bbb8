using NixStore.Engine.Database;
using NixStore.Engine.Liveness;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Collection;

/// <summary>
/// Refuses to delete on the word of roots that are not all known or of a database that cannot be believed: real Nix deletes the whole store for a lost index or an empty
/// database (NIX-ON-DAMAGE, cases h6 and h7). No parameter overrides it.
/// </summary>
internal static class CollectionGuard
{
    /// <summary>So few entries may be unregistered without any suspicion: an interrupted download leaves that many.</summary>
    private const int Unsuspicious = 10;

    /// <summary>Refuses a database that SQLite's own checks find fault with.</summary>
    /// <exception cref="NixStoreException">DatabaseNotTrustworthy</exception>
    /// <exception cref="StoreDatabaseException"/>
    internal static void EnsureSound(StoreLocation store, CancellationToken cancellation)
    {
        using var database = StoreDatabase.OpenForReading(store.Own);
        if (database.CheckIntegrity(cancellation) is { Count: > 0 } findings)
        {
            throw NotTrustworthy(store, $"it fails its checks ({string.Join("; ", findings)})");
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

    /// <summary>
    /// Refuses when not every place could be read where roots may be. Processes that even root may not look into, as they have privileges
    /// that it has not, are the system's own: Nix passes over them in silence, here they are told.
    /// </summary>
    /// <returns>What was passed over.</returns>
    /// <exception cref="NixStoreException">RootsIncomplete</exception>
    internal static IReadOnlyList<NixStoreException> EnsureRootsRead(StoreSurvey survey)
    {
        var passed = survey.UnreadRoots.Where(unread => unread.ErrorId == "RuntimeRootsIncomplete" && Posix.EffectiveUserId == 0).ToList();
        return survey.UnreadRoots.Except(passed).FirstOrDefault() is not { } first ? passed
            : throw new NixStoreException("RootsIncomplete", first.Kind,
                $"Nothing of {survey.Graph.Store.Url} is deleted, as not all roots could be read: {first.Message}", first.Target,
                first.Remedy ?? "Collect as root, or have Nix's roots daemon run and set use-roots-daemon.", first);
    }

    private static NixStoreException NotTrustworthy(StoreLocation store, string why) => new(
        "DatabaseNotTrustworthy", StoreErrorKind.InvalidData,
        $"Nothing of {store.Url} is deleted on the word of the database '{store.DatabasePath}': {why}.", store.DatabasePath,
        "Mend it first (Test-StoreDatabase, Repair-StoreDatabase), or restore a backup of it. Do not run Nix's own collection before that.");
}
