using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Sources;

/// <summary>
/// Another store on this machine as a source of contents. Nothing in it is changed, locked or verified: what it gives must be hashed by
/// whoever takes it. Safe for several threads.
/// </summary>
public sealed class LocalStoreSource : IContentSource
{
    private readonly Lock _gate = new();
    private readonly StoreDatabase _database;
    private readonly FileDescriptor _directory;

    private LocalStoreSource(StoreLocation store, StoreDatabase database, FileDescriptor directory)
    {
        Store = store;
        _database = database;
        _directory = directory;
    }

    /// <summary>The store.</summary>
    public StoreLocation Store { get; }

    /// <inheritdoc/>
    public string Name => Store.Url;

    /// <summary>Opens a store as a source.</summary>
    /// <param name="store">The store.</param>
    /// <param name="wanted">The logical store directory that its paths must be for; null for any.</param>
    /// <exception cref="NixStoreException">StoreDirectoryMismatch</exception>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public static LocalStoreSource Open(StoreLocation store, StoreDirectory? wanted = null)
    {
        if (wanted is not null && !wanted.Equals(store.Directory))
        {
            throw new NixStoreException("StoreDirectoryMismatch", StoreErrorKind.InvalidArgument,
                $"The store {store.Url} is for paths in {store.Directory}, not in {wanted}.", store.Url,
                "Store paths of one store directory are of no use in another; choose another source.");
        }

        var database = StoreDatabase.OpenForReading(store);
        try
        {
            return new LocalStoreSource(store, database, QuietDirectory.Open(store.RealDirectory));
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>What the database says of a path; null when it is not registered, or is and has no files.</summary>
    /// <exception cref="NixStoreException">SourcePathMalformed: the row cannot be read.</exception>
    /// <exception cref="StoreDatabaseException"/>
    public SourcePath? Find(StorePath path, CancellationToken cancellation)
    {
        var row = FindRow(Store.Directory.Print(path));
        if (row is null || !Posix.TryStatusAt(_directory, ByteName.From(path.BaseName), out _, out _))
        {
            return null;
        }

        var info = RowInfo.Of(row, path, Store);
        return new SourcePath(info, Store.RealPathOf(path), info.NarSize == 0 ? null : info.NarSize);
    }

    /// <summary>The archive of the files as they are now. It is made by another thread while it is read.</summary>
    /// <exception cref="NarTreeException">While reading.</exception>
    /// <exception cref="StoreIOException">While reading.</exception>
    public Stream OpenNar(SourcePath path, CancellationToken cancellation)
        => new NarDumpStream(_directory, ByteName.From(path.Info.Path.BaseName), cancellation);

    /// <summary>The path as an object for pipelines; null when it is not registered.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public StorePathInfo? Describe(StorePath path) => FindRow(Store.Directory.Print(path)) is { } row ? PathLister.Describe(row, Store) : null;

    /// <summary>Output names and paths of a registered derivation; see <see cref="StoreDatabase.FindOutputs"/>.</summary>
    /// <exception cref="StoreDatabaseException"/>
    internal IReadOnlyDictionary<string, string> FindOutputs(StorePath derivation)
    {
        lock (_gate)
        {
            return _database.FindOutputs(Store.Directory.Print(derivation));
        }
    }

    /// <summary>As <see cref="OpenNar"/> for those who take rather than read; the sink is not flushed at the end.</summary>
    /// <exception cref="NarTreeException"/>
    /// <exception cref="StoreIOException"/>
    public void Dump(SourcePath path, NarSink sink, CancellationToken cancellation)
        => new NarDumper().Dump(_directory, ByteName.From(path.Info.Path.BaseName), sink, cancellation: cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    private PathRow? FindRow(string path)
    {
        lock (_gate)
        {
            return _database.Find(path);
        }
    }
}
