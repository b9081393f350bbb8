using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Signatures;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Transfer;

/// <summary>
/// Signs paths in a store's database. A signature vouches for the registered hash, so the contents are hashed first: a damaged path, or one
/// whose row is damaged, is not vouched for. Of an overlay store only its own rows are signed. Safe for several threads.
/// </summary>
public sealed class PathSigner : IDisposable
{
    private readonly StoreDatabaseWriter _database;
    private readonly LocalStoreSource _rows;

    private PathSigner(StoreDatabaseWriter database, LocalStoreSource rows)
    {
        _database = database;
        _rows = rows;
    }

    /// <summary>Opens a store.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">StoreReadOnly, StoreLocked</exception>
    public static PathSigner Open(StoreLocation store, CancellationToken cancellation)
    {
        var database = StoreDatabaseWriter.Open(store, cancellation);
        try
        {
            return new PathSigner(database, LocalStoreSource.Open(store));
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>How far it is.</summary>
    public TransferProgress Progress { get; } = new();

    /// <summary>Signs several paths at once. An error with one of them is told, and the others go on.</summary>
    /// <param name="paths">Which.</param>
    /// <param name="keys">Who signs.</param>
    /// <param name="skipContentsCheck">True to believe the rows.</param>
    /// <param name="threads">Paths at once.</param>
    /// <param name="done">Told of each path that has the signatures now, and how many were added. Any thread.</param>
    /// <param name="failed">Told of each path that was not signed. Any thread.</param>
    /// <param name="cancellation">Ends the work; what is signed by then stays signed.</param>
    /// <exception cref="OperationCanceledException"/>
    public void Sign(
        IReadOnlyCollection<StorePath> paths, IReadOnlyCollection<NixSecretKey> keys, bool skipContentsCheck, int threads,
        Action<StorePath, int> done, Action<StorePath, NixStoreException> failed, CancellationToken cancellation)
        => EachPath.Run(_rows, paths, false, threads, Progress, path => done(path.Info.Path, Sign(path, keys, skipContentsCheck, cancellation)), failed, cancellation);

    /// <summary>What the store says of a path now; null when it is not registered.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public StorePathInfo? Describe(StorePath path) => _rows.Describe(path);

    /// <summary>Adds signatures to a path; those that it has already are left as they are.</summary>
    /// <param name="path">The path.</param>
    /// <param name="keys">Who signs.</param>
    /// <param name="skipContentsCheck">True to believe the row.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The number of signatures added.</returns>
    /// <exception cref="NixStoreException">PathNotInSource, SourcePathMalformed, NoNarSize, ContentsModified, OverlayRowInLower</exception>
    /// <exception cref="NarTreeException"/>
    /// <exception cref="StoreIOException"/>
    public int Sign(StorePath path, IEnumerable<NixSecretKey> keys, bool skipContentsCheck, CancellationToken cancellation)
    {
        var found = _rows.Find(path, cancellation) ?? throw TransferErrors.NotInSource(path, _rows.Store.Directory, _rows.Name);
        return Sign(found, keys, skipContentsCheck, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _database.Dispose();
    }

    private int Sign(SourcePath found, IEnumerable<NixSecretKey> keys, bool skipContentsCheck, CancellationToken cancellation)
    {
        var directory = _rows.Store.Directory;
        var missing = keys.Select(key => key.Sign(found.Info, directory)).Except(found.Info.Signatures).ToList();
        if (missing.Count == 0)
        {
            return 0;
        }

        if (_rows.Store.Overlay is { } overlay && !_database.IsValid(found.Info.Path))
        {
            throw TransferErrors.RowInLower(found.Info.Path, _rows.Store, overlay);
        }

        if (!skipContentsCheck)
        {
            new NarExporter(_rows).Write(found, Stream.Null, cancellation);
        }

        return _database.AddSignatures(directory.Print(found.Info.Path), missing);
    }
}
