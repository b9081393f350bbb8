using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Writing;

/// <summary>
/// A store that is open for changes beside a live Nix: the directory writable, the big lock held shared, temporary roots ready, the
/// database open. Whoever changes a path first protects it (<see cref="Protect"/>), then locks it, then looks at it.
/// </summary>
public sealed class WritableStore : IDisposable
{
    private static readonly TimeSpan s_lockTimeout = TimeSpan.FromMinutes(10);

    private WritableStore(StoreLocation location, StoreDatabaseWriter database, FileDescriptor directory, TemporaryRoots roots)
    {
        Location = location;
        Database = database;
        Directory = directory;
        Roots = roots;
        Owner = StoreOwner.Of(directory);
    }

    /// <summary>Where it is.</summary>
    public StoreLocation Location { get; }

    /// <summary>Its database.</summary>
    public StoreDatabaseWriter Database { get; }

    /// <summary>The open, writable store directory.</summary>
    public FileDescriptor Directory { get; }

    /// <summary>Protection from collectors, for the life of this object.</summary>
    public TemporaryRoots Roots { get; }

    /// <summary>Who owns what is in the store.</summary>
    public StoreOwner Owner { get; }

    /// <summary>How new contents are to be restored: for this store's owner, each file durable.</summary>
    public NarRestoreOptions RestoreOptions => NarRestoreOptions.Default with { Owner = Posix.EffectiveUserId == 0 ? Owner : null };

    /// <summary>Opens an existing store.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">StoreReadOnly, StoreLocked</exception>
    public static WritableStore Open(StoreLocation location, CancellationToken cancellation)
    {
        var database = StoreDatabaseWriter.Open(location, cancellation);
        FileDescriptor? directory = null;
        try
        {
            directory = WritableMount.OpenDirectory(location.RealDirectory);
            return new WritableStore(location, database, directory, TemporaryRoots.Open(location, cancellation));
        }
        catch
        {
            directory?.Dispose();
            database.Dispose();
            throw;
        }
    }

    /// <summary>Protects a path from collection, then locks it against other builders and repairers; dispose the result to unlock.</summary>
    /// <exception cref="NixStoreException">StoreLocked</exception>
    /// <exception cref="StoreIOException"/>
    public PathLock Protect(StorePath path, CancellationToken cancellation)
    {
        Roots.Add(path, cancellation);
        return PathLock.Acquire(Directory, path, s_lockTimeout, cancellation);
    }

    /// <summary>Makes a staging directory.</summary>
    /// <exception cref="StoreIOException"/>
    public StagingDirectory Stage() => StagingDirectory.Create(Directory);

    /// <inheritdoc/>
    public void Dispose()
    {
        Roots.Dispose();
        Directory.Dispose();
        Database.Dispose();
    }
}
