using System.Diagnostics;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Trees;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Measurement;

/// <summary>Finds out what a store takes up: asks for the status of every file, by several workers, and changes nothing.</summary>
public sealed class StoreMeasurer
{
    /// <summary>Rows that are read at once.</summary>
    private const int BatchSize = 4096;

    /// <summary>Entries of the store directory that a worker takes at once.</summary>
    private const int PieceSize = 32;

    private static readonly int s_flags = OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime;

    private readonly StoreLocation _store;
    private readonly MeasurementOptions _options;
    private readonly Action<NixStoreException> _failed;
    private readonly InodeSet _inodes = new();

    private StoreMeasurer(StoreLocation store, MeasurementOptions options, Action<NixStoreException> failed)
    {
        _store = store;
        _options = options;
        var gate = new Lock();
        _failed = error =>
        {
            lock (gate)
            {
                failed(error);
            }
        };
    }

    /// <summary>Measures a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="options">What of it.</param>
    /// <param name="failed">Told what could not be looked at and is left out of the sums. One thread at a time.</param>
    /// <param name="progress">Counts entries of the store directory.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreDirectoryEmptyException"/>
    /// <exception cref="StoreIOException">The store directory cannot be opened.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static StoreMeasure Measure(
        StoreLocation store, MeasurementOptions options, Action<NixStoreException> failed, VerificationProgress progress,
        CancellationToken cancellation)
        => new StoreMeasurer(store, options, failed).Measure(progress, cancellation);

    private StoreMeasure Measure(VerificationProgress progress, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var database = StoreDatabase.OpenForReading(_store);
        PathLister.EnsureNotEmpty(database);
        var index = StoreDirectoryIndex.Read(_store);
        progress.TotalPaths = index.Count;
        var sizes = database.ReadSizes();
        var missing = CountMissing(database, index, sizes, cancellation);
        using var directory = Posix.Open(_store.RealDirectory, s_flags);
        var usage = WalkPaths(directory, progress, cancellation);
        var links = WalkLinks(directory, cancellation);
        var fileSystem = Posix.FileSystemStatus(directory);
        return new StoreMeasure
        {
            Store = _store.Url,
            PathCount = sizes.Count,
            DerivationCount = database.CountDerivations(),
            MissingCount = missing,
            UnregisteredCount = index.ReadUnasked().Count,
            NarSize = sizes.Sum(size => Math.Max(size.NarSize, 0)),
            DiskSize = usage.Sum(one => one.Used) + links.Used + Posix.Status(directory).AllocatedBytes,
            SharedSize = usage.Sum(one => one.Shared),
            FileCount = usage.Sum(one => one.Count),
            LinkCount = links.Count,
            UnusedLinkCount = links.Unused,
            UnusedLinkSize = links.UnusedSize,
            LinksDirectorySize = links.DirectorySize,
            DatabaseSize = MeasureDatabase(),
            ReclaimableSize = _options.FindReclaimable?.Invoke(database, cancellation),
            FileSystemSize = fileSystem.TotalBytes,
            FreeSpace = fileSystem.AvailableBytes,
            InodeCount = fileSystem.TotalInodes,
            FreeInodeCount = fileSystem.AvailableInodes,
            LargestPaths = [.. sizes.OrderByDescending(size => size.NarSize).Take(_options.Top)
                .Select(size => database.Find(size.Id)).OfType<PathRow>().Select(row => PathLister.Describe(row, _store))],
            Duration = clock.Elapsed,
        };
    }

    private static long CountMissing(
        StoreDatabase database, StoreDirectoryIndex index, IReadOnlyList<(long Id, long NarSize)> sizes, CancellationToken cancellation)
    {
        long missing = 0;
        foreach (var rows in sizes.Chunk(BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            missing += database.ReadNames(Array.ConvertAll(rows, row => row.Id))
                .Count(path => !index.Contains(path.AsSpan(path.LastIndexOf('/') + 1)));
        }

        return missing;
    }

    private List<DiskUsage> WalkPaths(FileDescriptor directory, VerificationProgress progress, CancellationToken cancellation)
    {
        var workers = Enumerable.Range(0, Math.Max(_options.Workers, 1)).Select(_ => new DiskUsage(_inodes, _failed)).ToList();
        WorkQueue.Run<DiskUsage, List<byte[]>>(workers, Feed, Walk, cancellation);
        return workers;

        void Walk(DiskUsage worker, List<byte[]> names, CancellationToken stop)
        {
            foreach (var name in names)
            {
                worker.Walker.Walk(directory, name, stop);
                progress.Add(0);
            }
        }
    }

    private void Feed(Action<List<byte[]>> offer)
    {
        using var directory = Posix.Open(_store.RealDirectory, s_flags);
        using var entries = new DirectoryEntries(directory);
        var piece = new List<byte[]>(PieceSize);
        while (entries.MoveNext())
        {
            if (entries.Name.SequenceEqual(".links\0"u8))
            {
                continue;
            }

            piece.Add(entries.Name.ToArray());
            if (piece.Count == PieceSize)
            {
                offer(piece);
                piece = new List<byte[]>(PieceSize);
            }
        }

        offer(piece);
    }

    private LinksUsage WalkLinks(FileDescriptor directory, CancellationToken cancellation)
    {
        var usage = new LinksUsage(_inodes, _failed);
        new TreeStatWalker(usage).Walk(directory, ".links\0"u8.ToArray(), cancellation);
        return usage;
    }

    private long MeasureDatabase() => new[] { "", "-wal", "-shm" }
        .Sum(suffix => Posix.TryStatus(_store.DatabasePath + suffix, out var status, out _) ? status.Size : 0);
}
