using NixStore.Engine.Liveness;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Backups;

/// <summary>The names in a store directory that are those of store paths, in one reading.</summary>
internal sealed class PresentPaths
{
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leftovers = new(StringComparer.Ordinal);

    private PresentPaths()
    {
    }

    /// <summary>Full logical paths without what builds and repairs leave behind, such as locks, which only a row makes store objects.</summary>
    internal IEnumerable<string> Objects => _paths.Where(path => !_leftovers.Contains(path));

    /// <summary>Reads the directory; a missing one is as good as an empty one.</summary>
    /// <exception cref="StoreIOException"/>
    internal static PresentPaths Read(StoreLocation store, CancellationToken cancellation)
    {
        var present = new PresentPaths();
        using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(store.RealDirectory),
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime, 0, out var error);
        if (directory is null)
        {
            return error == Errno.NoEntry ? present : throw new StoreIOException("open", store.RealDirectory, error);
        }

        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            present.Add(store, new UnregisteredEntry(entries.Name.ToArray(), entries.Type));
        }

        return present;
    }

    /// <summary>True when a full logical path has files.</summary>
    internal bool Contains(string path) => _paths.Contains(path);

    private void Add(StoreLocation store, UnregisteredEntry entry)
    {
        if (entry.HashPart is null)
        {
            return;
        }

        var path = $"{store.Directory.Path}/{entry.Text}";
        _paths.Add(path);
        if (entry.Kind == StoreGarbageKind.Leftover)
        {
            _leftovers.Add(path);
        }
    }
}
