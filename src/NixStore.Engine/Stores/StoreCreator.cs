using NixStore.Engine.Database;
using NixStore.Engine.Native;

namespace NixStore.Engine.Stores;

/// <summary>Makes an empty store, as Nix does when it opens one that is not there (Nix libstore/local-store.cc:LocalStore).</summary>
public static class StoreCreator
{
    private static readonly string[] s_stateDirectories = ["db", "gcroots", "gcroots/auto", "gcroots/per-user", "profiles", "profiles/per-user", "temproots"];

    /// <summary>
    /// Creates directories and database where there is no store yet. A store directory that has contents already, but no database, is
    /// refused: that is a store that lost its database.
    /// </summary>
    /// <exception cref="NixStoreException">DatabaseLost, StoreReadOnly</exception>
    /// <exception cref="StoreIOException"/>
    public static void EnsureExists(StoreLocation store)
    {
        if (Posix.TryStatus(store.SchemaPath, out _, out _))
        {
            return;
        }

        if (store.IsReadOnly)
        {
            throw new NixStoreException("StoreReadOnly", StoreErrorKind.PermissionDenied,
                $"There is no store {store.Url}, and as a read-only one it is not made.", store.Url,
                "Leave out read-only=true to make a store, or name one that exists.");
        }

        if (HasContents(store))
        {
            if (Posix.TryStatus(store.DatabasePath, out _, out _))
            {
                return;
            }

            throw new NixStoreException("DatabaseLost", StoreErrorKind.InvalidData,
                $"'{store.RealDirectory}' has contents, but there is no database '{store.DatabasePath}'.", store.DatabasePath,
                "A new, empty database would make all of it garbage. Bring the database back, or name the right state directory.");
        }

        // Each step may be repeated after a crash; the schema file, which comes last, says that all of them are done.
        CreateDirectory(store.RealDirectory);
        if (store.Overlay is null)
        {
            // What is below the mount point of an overlay would be hidden by it, and such a store has no hard links of its own.
            CreateDirectory(store.LinksDirectory);
        }

        foreach (var directory in s_stateDirectories)
        {
            CreateDirectory($"{store.StateDirectory}/{directory}");
        }

        StoreDatabaseWriter.Create(store);

        using var db = Posix.Open($"{store.StateDirectory}/db", OpenFlags.ReadOnly | OpenFlags.Directory);
        SchemaFile.Write(store, db);
    }

    /// <summary>Of an overlay store, what the lower store has is not its own.</summary>
    private static bool HasContents(StoreLocation store)
    {
        var directory = store.Overlay?.UpperLayer ?? store.RealDirectory;
        return Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any(entry => Path.GetFileName(entry) != ".links");
    }

    private static void CreateDirectory(string path)
    {
        const UnixFileMode mode = (UnixFileMode)0x1ed;
        try
        {
            Directory.CreateDirectory(path, mode);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("StoreNotCreated", StoreErrorKind.WriteError, $"The directory '{path}' cannot be made: {error.Message}",
                path, "Check the path and your permissions (-Store).", error);
        }
    }
}
