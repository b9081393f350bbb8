using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Overlay;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Writing;

/// <summary>
/// A store that is open for changes beside a live Nix: the directory writable, the big lock held shared, temporary roots ready, the
/// database open. Whoever changes a path first protects it (<see cref="Protect"/>), then locks it, then looks at it.
/// </summary>
public sealed class WritableStore : IDisposable
{
    private static readonly TimeSpan s_lockTimeout = TimeSpan.FromMinutes(10);
    private readonly LowerCopies? _lower;

    private WritableStore(StoreLocation location, StoreDatabaseWriter database, FileDescriptor directory, TemporaryRoots roots)
    {
        Location = location;
        Database = database;
        Directory = directory;
        Roots = roots;
        Owner = StoreOwner.Of(directory);
        if (location.Overlay is { } layers)
        {
            _lower = new LowerCopies(layers, database);
            Upper = new UpperPlacement(location, layers);
        }
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

    /// <summary>How an overlay store's upper layer is changed where the lower store has something; null of any other store.</summary>
    internal UpperPlacement? Upper { get; }

    /// <summary>How new contents are to be restored: for this store's owner, each file durable.</summary>
    public NarRestoreOptions RestoreOptions => NarRestoreOptions.Default with { Owner = Posix.EffectiveUserId == 0 ? Owner : null };

    /// <summary>Opens an existing store.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">StoreReadOnly, StoreLocked, OverlayNotMounted</exception>
    public static WritableStore Open(StoreLocation location, CancellationToken cancellation)
    {
        OverlayMount.EnsureMounted(location);
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

    /// <summary>
    /// True when a path is valid, as every writer before now left it; in an overlay store also when the lower store has it, whose row is
    /// copied then. Meaningful for a path that is protected or locked.
    /// </summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">LowerClosureIncomplete, SourcePathMalformed</exception>
    public bool IsValid(StorePath path) => Database.IsValid(path) || _lower?.TryTake(path) == true;

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

    /// <summary>
    /// Renames a finished tree into the store. What lies there is exchanged with it and goes with the staging directory, so that at no moment
    /// a mixture of both is there. The caller holds the path's lock.
    /// </summary>
    /// <param name="staging">Where it was made.</param>
    /// <param name="name">Its NUL-terminated name there.</param>
    /// <param name="path">The path that it becomes.</param>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">OverlayNotRemounted</exception>
    internal void Place(StagingDirectory staging, byte[] name, StorePath path)
    {
        if (Upper?.Concerns(path) == true)
        {
            Upper.Place(staging, name, path);
            return;
        }

        TreeMove.Move(staging.Directory, name, Directory, ByteName.From(path.BaseName), replaces: true);
        Posix.Fsync(Directory);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Roots.Dispose();
        _lower?.Dispose();
        Directory.Dispose();
        Database.Dispose();
    }
}
