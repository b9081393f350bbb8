using NixStore.Engine.Backups;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Trash;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Stores;

/// <summary>
/// Looks at a store as a whole, briefly, and goes on where something is damaged: what <see cref="StoreInspector"/> sees, and what lies beside it.
/// </summary>
public static class StoreStatusReader
{
    /// <summary>So many registered paths are looked up on disk before the store directory is suspected.</summary>
    private const int Samples = 100;

    /// <summary>Nix writes its database's log and temporary files: with less room it stops in the middle.</summary>
    private const long LittleSpace = 64 << 20;

    private const long FewFiles = 1000;

    /// <summary>Looks.</summary>
    /// <param name="store">The store.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreDatabaseException">DatabaseNotFound, when there is no store directory either.</exception>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    public static StoreStatus Read(StoreLocation store, CancellationToken cancellation)
    {
        var volumes = StoreVolumes.Of(store);
        var problems = new List<string>();
        var info = TryInspect(store, canFail: volumes.Count > 0, problems);
        if (info is not null)
        {
            problems.AddRange(info.Problems);
            Try(() => EnsureNotEmpty(store), problems);
        }
        else if (!volumes.Any(volume => volume.Directory == store.RealDirectory))
        {
            problems.Add($"The store directory '{store.RealDirectory}' is missing or cannot be read.");
        }

        cancellation.ThrowIfCancellationRequested();
        problems.AddRange(volumes.SelectMany(FindProblems));
        var backups = DatabaseBackups.List(DatabaseBackups.DirectoryOf(store), error => problems.Add(error.Message)).ToList();
        var trash = new List<StoreTrashItem>();
        Try(() => trash.AddRange(StoreTrash.List(store, error => problems.Add(error.Message))), problems);
        return new StoreStatus
        {
            Store = store.Url,
            Directory = store.Directory.Path,
            RealDirectory = store.RealDirectory,
            StateDirectory = store.StateDirectory,
            DatabasePath = store.DatabasePath,
            DatabaseSize = SizeOf(store.DatabasePath),
            LogSize = SizeOf(store.DatabasePath + "-wal") ?? 0,
            Info = info,
            Volumes = volumes,
            BackupCount = backups.Count,
            LastBackup = backups.LastOrDefault(backup => backup.IsSound),
            TrashCount = trash.Count,
            TrashSize = trash.Sum(item => item.Size),
            Problems = problems,
        };
    }

    private static NixStoreInfo? TryInspect(StoreLocation store, bool canFail, List<string> problems)
    {
        try
        {
            return StoreInspector.Inspect(store);
        }
        catch (NixStoreException error) when (canFail)
        {
            problems.Add($"{error.Message} {error.Remedy}".TrimEnd());
            return null;
        }
    }

    /// <summary>An empty or unmounted store directory is seen by a few of its paths; only when none of these is there are all looked for.</summary>
    private static void EnsureNotEmpty(StoreLocation store)
    {
        using var database = StoreDatabase.OpenForReading(store);
        if (!database.ReadPaths().Take(Samples).Any(row => PathLister.Describe(row, store).State != StorePathState.Missing))
        {
            PathLister.EnsureNotEmpty(database);
        }
    }

    private static IEnumerable<string> FindProblems(StoreVolume volume)
    {
        if (volume.FreeSpace < LittleSpace && !volume.IsReadOnly)
        {
            yield return $"The file system of '{volume.Directory}' is full: {ByteSize.Format(volume.FreeSpace)} of {ByteSize.Format(volume.Size)} are left.";
        }

        if (volume.FreeFiles < FewFiles && !volume.IsReadOnly)
        {
            yield return $"The file system of '{volume.Directory}' has only {volume.FreeFiles} inodes left.";
        }
    }

    private static void Try(Action look, List<string> problems)
    {
        try
        {
            look();
        }
        catch (NixStoreException error)
        {
            problems.Add($"{error.Message} {error.Remedy}".TrimEnd());
        }
    }

    private static long? SizeOf(string path) => Posix.TryStatus(path, out var status, out _) ? status.Size : null;
}
