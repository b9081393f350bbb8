using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Signatures;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Transfer;

/// <summary>
/// Signs paths in a store's database. A signature vouches for the registered hash, so the contents are hashed first: a damaged path, or one
/// whose row is damaged, is not vouched for. Safe for several threads.
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

    /// <summary>Adds signatures to a path; those that it has already are left as they are.</summary>
    /// <param name="path">The path.</param>
    /// <param name="keys">Who signs.</param>
    /// <param name="skipContentsCheck">True to believe the row.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The number of signatures added.</returns>
    /// <exception cref="NixStoreException">PathNotInSource, SourcePathMalformed, NoNarSize, ContentsModified</exception>
    /// <exception cref="NarTreeException"/>
    /// <exception cref="StoreIOException"/>
    public int Sign(StorePath path, IEnumerable<NixSecretKey> keys, bool skipContentsCheck, CancellationToken cancellation)
    {
        var directory = _rows.Store.Directory;
        var found = _rows.Find(path, cancellation) ?? throw TransferErrors.NotInSource(path, directory, _rows.Name);
        var missing = keys.Select(key => key.Sign(found.Info, directory)).Except(found.Info.Signatures).ToList();
        if (missing.Count == 0)
        {
            return 0;
        }

        if (!skipContentsCheck)
        {
            new NarExporter(_rows).Write(found, Stream.Null, cancellation);
        }

        return _database.AddSignatures(directory.Print(path), missing);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _database.Dispose();
    }
}
