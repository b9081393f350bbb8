using NixStore.Engine.Database;
using NixStore.Engine.Native;

namespace NixStore.Engine.Stores;

/// <summary>Tells what a store is like, as far as that can be seen at a glance: a few system calls and one pass over one index.</summary>
public static class StoreInspector
{
    /// <summary>Looks at a store.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public static NixStoreInfo Inspect(StoreLocation store)
    {
        using var database = StoreDatabase.OpenForReading(store);
        using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(store.RealDirectory),
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime, 0, out _);
        var fileSystem = directory is null ? default(FileSystemStatus?) : Posix.FileSystemStatus(directory);
        var schema = SchemaFile.Read(store);
        var (count, size) = database.ReadTotals();
        return new NixStoreInfo
        {
            Store = store.Url,
            Directory = store.Directory.Path,
            RealDirectory = store.RealDirectory,
            StateDirectory = store.StateDirectory,
            LogDirectory = store.LogDirectory,
            DatabasePath = store.DatabasePath,
            IsReadOnly = store.IsReadOnly,
            IsMountedReadOnly = fileSystem?.IsReadOnly ?? false,
            IsInUse = database.IsInUse,
            IsOptimised = HasLinks(store),
            FreeSpace = fileSystem?.AvailableBytes,
            Schema = schema,
            PathCount = count,
            NarSize = size,
            Problems = [.. FindProblems(store, directory is not null, schema, database.IsCopy)],
        };
    }

    private static bool HasLinks(StoreLocation store)
    {
        using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(store.LinksDirectory),
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime | OpenFlags.NoFollow, 0, out _);
        if (directory is null)
        {
            return false;
        }

        using var entries = new DirectoryEntries(directory);
        return entries.MoveNext();
    }

    private static IEnumerable<string> FindProblems(StoreLocation store, bool hasDirectory, int? schema, bool hasLog)
    {
        if (!hasDirectory)
        {
            yield return $"The store directory '{store.RealDirectory}' is missing or cannot be read.";
        }

        if (schema is null)
        {
            yield return $"The schema file '{store.SchemaPath}' is missing or damaged.";
        }
        else if (schema < SchemaFile.Current)
        {
            yield return $"The store has the old schema {schema}; Nix migrates it to {SchemaFile.Current} when it next writes to it.";
        }

        if (hasLog)
        {
            yield return "The database was not closed properly: a log waits beside it, which the next writer takes in.";
        }
    }
}
