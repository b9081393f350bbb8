using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Verification;

/// <summary>
/// Lists a store: one pass over the database and one over the directory, no look into any path. Streams, and its memory does not grow
/// with the store (but for 16 bytes a path).
/// </summary>
public sealed class PathLister
{
    private readonly StoreDatabase _database;
    private readonly StoreLocation _store;
    private readonly StoreDirectoryIndex _index;

    private PathLister(StoreDatabase database, StoreDirectoryIndex index)
    {
        _database = database;
        _store = database.Store;
        _index = index;
    }

    /// <summary>Reads the directory and makes sure that it holds the store at all.</summary>
    /// <param name="database">The store's database.</param>
    /// <param name="acceptEmpty">True to list every path of an empty store directory as missing.</param>
    /// <exception cref="StoreDirectoryEmptyException"/>
    /// <exception cref="StoreIOException"/>
    public static PathLister Open(StoreDatabase database, bool acceptEmpty = false)
    {
        var index = StoreDirectoryIndex.Read(database.Store);
        if (!acceptEmpty)
        {
            EnsureNotEmpty(database, index);
        }

        return new PathLister(database, index);
    }

    /// <summary>Raises the error when not one registered path is there; normally the first one is.</summary>
    /// <exception cref="StoreDirectoryEmptyException"/>
    public static void EnsureNotEmpty(StoreDatabase database) => EnsureNotEmpty(database, StoreDirectoryIndex.Read(database.Store));

    /// <summary>The registered paths in the order of registration, then, if wanted, the entries of the directory that no row names.</summary>
    /// <param name="filter">Which, by full logical path; null for all.</param>
    /// <param name="includeUnregistered">True for those without a row as well.</param>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public IEnumerable<StorePathInfo> List(Func<string, bool>? filter = null, bool includeUnregistered = false)
    {
        foreach (var row in _database.ReadPaths())
        {
            var exists = _index.Contains(BaseName(row.Path));
            if (filter is null || filter(row.Path))
            {
                // A path that was added since the directory was read is in the database only.
                yield return exists ? MakeInfo(row, _store) : Describe(row, _store);
            }
        }

        if (includeUnregistered)
        {
            foreach (var path in ListUnasked(filter))
            {
                yield return path;
            }
        }
    }

    /// <summary>Entries of the store directory that no row names.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public IEnumerable<StorePathInfo> ListUnregistered(Func<string, bool>? filter = null)
    {
        foreach (var row in _database.ReadPaths())
        {
            _ = _index.Contains(BaseName(row.Path));
        }

        return ListUnasked(filter);
    }

    /// <summary>The object of one row, looked up on disk by itself.</summary>
    public static StorePathInfo Describe(PathRow row, StoreLocation store)
    {
        if (!store.Directory.TryParse(row.Path, out var path))
        {
            return MakeInfo(row, store);
        }

        return Posix.TryStatus(store.RealPathOf(path), out _, out var error) ? MakeInfo(row, store)
            : error is Errno.NoEntry or Errno.NotDirectory
                ? MakeInfo(row, store, new(StoreProblemKind.Missing, Detail: "registered, but not on disk"))
                : MakeInfo(row, store, new(StoreProblemKind.ReadError, Detail: new StoreIOException("stat", store.RealPathOf(path), error).Message));
    }

    /// <summary>The object of a path that no row names; null when it is not on disk either.</summary>
    public static StorePathInfo? DescribeUnregistered(StorePath path, StoreLocation store)
        => Posix.TryStatus(store.RealPathOf(path), out _, out _) ? MakeUnregistered(path.BaseName, store) : null;

    private IEnumerable<StorePathInfo> ListUnasked(Func<string, bool>? filter) => _index.ReadUnasked().ConvertAll(name => ByteName.ToDisplay(name))
        .Where(name => filter is null || filter($"{_store.Directory.Path}/{name}"))
        .Select(name => MakeUnregistered(name, _store));

    private static StorePathInfo MakeUnregistered(string name, StoreLocation store)
    {
        _ = StorePath.TryParse(name, out var parsed);
        return new StorePathInfo
        {
            Store = store.Url,
            Path = $"{store.Directory.Path}/{name}",
            RealPath = $"{store.RealDirectory}/{name}",
            Layer = store.Overlay?.LayerOf(name),
            StorePath = parsed,
            Problems = [new(StoreProblemKind.Unregistered, Detail: "on disk, but not in the database")],
        };
    }

    private static void EnsureNotEmpty(StoreDatabase database, StoreDirectoryIndex index)
    {
        var any = false;
        foreach (var row in database.ReadPaths())
        {
            if (index.Contains(BaseName(row.Path)))
            {
                return;
            }

            any = true;
        }

        if (any)
        {
            throw new StoreDirectoryEmptyException(database.Store, database.CountPaths());
        }
    }

    private static ReadOnlySpan<char> BaseName(string path) => path.AsSpan(path.LastIndexOf('/') + 1);

    private static StorePathInfo MakeInfo(PathRow row, StoreLocation store, StorePathProblem? onDisk = null)
    {
        var problems = new List<StorePathProblem>(0);
        var parsed = RowParser.Parse(row, store, problems);
        if (onDisk is not null)
        {
            problems.Add(onDisk);
        }

        return StorePathInfoFactory.Create(row, parsed, store, problems, contentsChecked: false);
    }
}
