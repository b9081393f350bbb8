using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Verification;

/// <summary>Finds single paths of a store by what people call them. Uses the database's indices, never its whole list.</summary>
/// <param name="database">The store's database.</param>
public sealed class PathLookup(StoreDatabase database)
{
    private readonly StoreLocation _store = database.Store;

    /// <summary>The row of a path.</summary>
    /// <param name="text">What <see cref="StorePathResolver"/> understands, or the exact text of a malformed row.</param>
    /// <exception cref="StorePathNotFoundException"/>
    /// <exception cref="NixStoreException">InvalidStorePath, NotInStoreDirectory</exception>
    public PathRow Find(string text) => TryFind(text, out var path) ?? throw new StorePathNotFoundException(
        _store.Directory.Print(path!), _store, PathLister.DescribeUnregistered(path!, _store) is not null);

    /// <summary>The row of the path with a hash part.</summary>
    /// <exception cref="StorePathNotFoundException"/>
    public PathRow FindByHashPart(string hashPart)
        => database.FindByHashPart(hashPart) ?? throw new StorePathNotFoundException(hashPart, _store, NameOnDisk(hashPart) is not null);

    /// <summary>The object of a path: what its row says and whether it is there; of one without a row, when it is on disk and wanted.</summary>
    /// <exception cref="StorePathNotFoundException"/>
    /// <exception cref="NixStoreException">InvalidStorePath, NotInStoreDirectory</exception>
    public StorePathInfo Describe(string text, bool includeUnregistered)
    {
        if (TryFind(text, out var path) is { } row)
        {
            return PathLister.Describe(row, _store);
        }

        var onDisk = PathLister.DescribeUnregistered(path!, _store);
        return includeUnregistered && onDisk is not null
            ? onDisk
            : throw new StorePathNotFoundException(_store.Directory.Print(path!), _store, onDisk is not null);
    }

    /// <summary>As <see cref="Describe"/> for a hash part.</summary>
    /// <exception cref="StorePathNotFoundException"/>
    public StorePathInfo DescribeByHashPart(string hashPart, bool includeUnregistered)
        => database.FindByHashPart(hashPart) is { } row ? PathLister.Describe(row, _store)
            : includeUnregistered && NameOnDisk(hashPart) is { } name ? Describe(name, includeUnregistered: true)
            : throw new StorePathNotFoundException(hashPart, _store, NameOnDisk(hashPart) is not null);

    private PathRow? TryFind(string text, out StorePath? path)
    {
        path = null;
        try
        {
            path = StorePathResolver.Resolve(_store, text);
            return database.Find(_store.Directory.Print(path));
        }
        catch (NixStoreException error) when (error.ErrorId is "InvalidStorePath" or "NotInStoreDirectory")
        {
            if (database.Find(text) is { } malformed)
            {
                return malformed;
            }

            throw;
        }
    }

    private string? NameOnDisk(string hashPart)
    {
        using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(_store.RealDirectory),
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime, 0, out _);
        if (directory is null)
        {
            return null;
        }

        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            var name = ByteName.ToDisplay(ByteName.Trim(entries.Name));
            if (name.StartsWith(hashPart, StringComparison.Ordinal) && StorePath.TryParse(name, out _))
            {
                return name;
            }
        }

        return null;
    }
}
