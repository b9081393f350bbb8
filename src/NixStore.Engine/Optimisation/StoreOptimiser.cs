using System.Diagnostics;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Trees;
using NixStore.Engine.Verification;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Optimisation;

/// <summary>
/// Replaces files of equal contents in a store by hard links to one of them, through the same <c>.links</c> directory and by the same steps
/// as Nix (GC-SPEC §7; Nix libstore/optimise-store.cc), beside a running Nix, by several workers. Unlike Nix it proves a link before it puts
/// it in the place of a good file, and one bad thing is one error and not the end.
/// </summary>
public sealed class StoreOptimiser
{
    /// <summary>From this size on a path is worth being worked on early; below, paths are many and short.</summary>
    private const long Large = 4 << 20;

    /// <summary>Paths that are protected and looked up at once.</summary>
    private const int BatchSize = 1024;

    /// <summary>Paths that a worker takes at once.</summary>
    private const int PieceSize = 32;

    private readonly StoreLocation _store;
    private readonly OptimisationOptions _options;
    private readonly Action<NixStoreException> _failed;

    private StoreOptimiser(StoreLocation store, OptimisationOptions options, Action<NixStoreException> failed)
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

    /// <summary>Optimises a store, or predicts what that would give.</summary>
    /// <param name="store">The store.</param>
    /// <param name="options">How.</param>
    /// <param name="filter">Which paths, by full logical path; null for all.</param>
    /// <param name="failed">Told of each path, file or link with which something is wrong. One thread at a time.</param>
    /// <param name="progress">Counts.</param>
    /// <param name="cancellation">Ends it between two files; what was linked by then stays linked.</param>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreDirectoryEmptyException"/>
    /// <exception cref="StoreIOException">The store directory, or the directory of links, cannot be opened.</exception>
    /// <exception cref="NixStoreException">StoreReadOnly, StoreLocked</exception>
    /// <exception cref="OperationCanceledException"/>
    public static StoreOptimisation Run(
        StoreLocation store, OptimisationOptions options, Func<string, bool>? filter, Action<NixStoreException> failed,
        VerificationProgress progress, CancellationToken cancellation)
    {
        StoreAccess.EnsureNoOverlay(store);
        var optimiser = new StoreOptimiser(store, options, failed);
        return options.IsPrediction ? optimiser.Predict(filter, progress, cancellation) : optimiser.Change(filter, progress, cancellation);
    }

    private StoreOptimisation Change(Func<string, bool>? filter, VerificationProgress progress, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var writable = WritableStore.Open(_store, cancellation);
        using var database = StoreDatabase.OpenForReading(_store);
        PathLister.EnsureNotEmpty(database);
        using var links = LinksDirectory.OpenForWriting(writable.Directory);
        return Work(links, () => new PathLinker(links, _options.MinimumSize, _failed), database, writable, filter, progress, clock, cancellation);
    }

    private StoreOptimisation Predict(Func<string, bool>? filter, VerificationProgress progress, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var database = StoreDatabase.OpenForReading(_store);
        PathLister.EnsureNotEmpty(database);
        using var directory = QuietDirectory.Open(_store.RealDirectory);
        using var links = LinksDirectory.OpenForReading(directory);
        var seen = new SeenContents();
        return Work(links, () => new SavingsPredictor(links, seen, _options.MinimumSize, _failed), database, null, filter, progress, clock, cancellation);
    }

    private StoreOptimisation Work(
        LinksDirectory links, Func<PathOptimiser> makeWorker, StoreDatabase database, WritableStore? writable, Func<string, bool>? filter,
        VerificationProgress progress, Stopwatch clock, CancellationToken cancellation)
    {
        var counts = new OptimisationCounts();
        if (_options.VerifyLinks && links.Directory is not null)
        {
            counts.Add(VerifyLinks(links, writable is not null, cancellation));
        }

        var workers = Enumerable.Range(0, Math.Max(_options.Workers, 1)).Select(_ => makeWorker()).ToList();
        try
        {
            WorkQueue.Run<PathOptimiser, IReadOnlyList<byte[]>>(
                workers, offer => Feed(database, writable, filter, offer, progress, cancellation), Optimise, cancellation);
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
        }

        workers.ForEach(worker => counts.Add(worker.Counts));
        return new StoreOptimisation
        {
            Store = _store.Url,
            IsPrediction = _options.IsPrediction,
            Paths = counts.Paths,
            FilesExamined = counts.Examined,
            FilesLinked = counts.Linked,
            BytesFreed = counts.Freed,
            LinksCreated = counts.Created,
            FilesSkipped = counts.Skipped,
            BadLinks = counts.BadLinks,
            BadLinksMended = counts.BadLinksMended,
            Duration = clock.Elapsed,
        };
    }

    private static void Optimise(PathOptimiser worker, IReadOnlyList<byte[]> names, CancellationToken cancellation)
    {
        foreach (var name in names)
        {
            worker.Optimise(name, cancellation);
        }
    }

    private OptimisationCounts VerifyLinks(LinksDirectory links, bool mends, CancellationToken cancellation)
    {
        var workers = Enumerable.Range(0, Math.Max(_options.Workers, 1)).Select(_ => new LinkVerifier(links, mends, _failed)).ToList();
        var counts = new OptimisationCounts();
        try
        {
            WorkQueue.Run<LinkVerifier, byte[]>(workers, links.ForEach, (worker, name, stop) => worker.Verify(name, stop), cancellation);
            workers.ForEach(worker => counts.Add(worker.Counts));
            return counts;
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
        }
    }

    /// <summary>The large paths first, largest at the head, so that none is left over for a single worker at the end.</summary>
    private void Feed(
        StoreDatabase database, WritableStore? writable, Func<string, bool>? filter, Action<IReadOnlyList<byte[]>> offer,
        VerificationProgress progress, CancellationToken cancellation)
    {
        var sizes = database.ReadSizes();
        (progress.TotalPaths, progress.TotalBytes) = (sizes.Count, sizes.Sum(size => size.NarSize));
        var large = sizes.Where(size => size.NarSize >= Large).OrderByDescending(size => size.NarSize).ToList();
        var small = sizes.Where(size => size.NarSize < Large);
        foreach (var (rows, pieceSize) in large.Chunk(BatchSize).Select(rows => (rows, 1)).Concat(small.Chunk(BatchSize).Select(rows => (rows, PieceSize))))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var piece in Protect(database, writable, filter, Array.ConvertAll(rows, row => row.Id), cancellation).Chunk(pieceSize))
            {
                offer(piece);
            }

            foreach (var row in rows)
            {
                progress.Add(row.NarSize);
            }
        }
    }

    /// <summary>Names of rows. Where files will be changed they are temporary roots first, and then looked up again: a path may be gone by then.</summary>
    private List<byte[]> Protect(
        StoreDatabase database, WritableStore? writable, Func<string, bool>? filter, IReadOnlyCollection<long> ids, CancellationToken cancellation)
    {
        var paths = Select(database.ReadNames(ids), filter, _failed);
        if (writable is not null)
        {
            writable.Roots.AddAll(paths, cancellation);
            paths = Select(database.ReadNames(ids), paths.ToHashSet(StringComparer.Ordinal).Contains, _ => { });
        }

        return paths.ConvertAll(path => ByteName.From(path[(_store.Directory.Path.Length + 1)..]));
    }

    /// <summary>Those that are wanted and well-formed.</summary>
    private List<string> Select(IReadOnlyList<string> paths, Func<string, bool>? filter, Action<NixStoreException> failed)
    {
        var selected = new List<string>(paths.Count);
        foreach (var path in paths)
        {
            if (filter is not null && !filter(path))
            {
                continue;
            }

            if (_store.Directory.TryParse(path, out _))
            {
                selected.Add(path);
            }
            else
            {
                failed(new NixStoreException("InvalidStorePath", StoreErrorKind.InvalidData,
                    $"The database has a row of '{path}', which is no path of the store {_store.Url}.", path, "Test-StorePath shows what is wrong with the row."));
            }
        }

        return selected;
    }
}
