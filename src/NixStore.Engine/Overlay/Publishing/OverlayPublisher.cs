using NixStore.Engine.Native;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;
using NixStore.Engine.Transfer;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>
/// Publishes paths of an overlay store: brings them with all they need into the lower store, beside a live Nix on both, so that every overlay on
/// that store has them. The row goes as the overlay store has it: deriver, signatures, content address, and that it was built here, since
/// both layers are of one machine (a copy by Nix would lose that). Doing it again completes what was interrupted.
/// </summary>
public sealed class OverlayPublisher : IDisposable
{
    private readonly OpenLayers _layers;
    private readonly PublicationOptions _options;
    private readonly Action<OverlayPublication> _published;
    private readonly Action<StorePath, NixStoreException> _failed;
    private readonly Action<OverlayDuplicate> _removed;
    private readonly Action<NixStoreException> _warned;
    private readonly Lock _gate = new();
    private readonly HashSet<StorePath> _kept = [];
    private bool _mustBeSeen;

    private OverlayPublisher(
        OpenLayers layers, PublicationOptions options, Action<OverlayPublication> published, Action<StorePath, NixStoreException> failed,
        Action<OverlayDuplicate> removed, Action<NixStoreException> warned)
        => (_layers, _options, _published, _failed, _removed, _warned) = (layers, options, published, failed, removed, warned);

    /// <summary>How far it is.</summary>
    public TransferProgress Progress { get; } = new();

    /// <summary>Opens both layers. What is told is told by one thread at a time.</summary>
    /// <param name="overlay">The overlay store. Whether its lower store is named read-only makes no difference.</param>
    /// <param name="options">How.</param>
    /// <param name="published">Told of each path that is valid in the lower store now: of those that were named, and of those that came along.</param>
    /// <param name="failed">Told of each path that could not be published, and of each upper copy that stays.</param>
    /// <param name="removed">Told of each upper copy that went.</param>
    /// <param name="warned">Told when the kernel may still show the old state of the layers.</param>
    /// <param name="cancellation">Ends the wait for locks.</param>
    /// <exception cref="NixStoreException">NotAnOverlayStore, OverlayLowerReadOnly, StoreLocked</exception>
    /// <exception cref="Database.StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public static OverlayPublisher Open(
        StoreLocation overlay, PublicationOptions options, Action<OverlayPublication> published, Action<StorePath, NixStoreException> failed,
        Action<OverlayDuplicate> removed, Action<NixStoreException> warned, CancellationToken cancellation)
        => new(OpenLayers.Open(overlay, cancellation), options, published, failed, removed, warned);

    /// <summary>Publishes paths. An error with one of them is told, and also fails those that need it, but no others.</summary>
    /// <exception cref="StoreIOException">The lower store's disk is full, or fails.</exception>
    /// <exception cref="Database.StoreDatabaseException"/>
    /// <exception cref="OperationCanceledException">What was published by then is complete.</exception>
    public void Publish(IReadOnlyCollection<StorePath> paths, CancellationToken cancellation)
    {
        var requested = paths.ToHashSet();
        try
        {
            var wanted = Find(requested, cancellation);
            PublishAll(wanted, requested, cancellation);
            if (_options.RemovesFromUpper)
            {
                RemoveDuplicates(requested, cancellation);
            }
        }
        finally
        {
            Refresh();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _layers.Dispose();

    /// <summary>What is missing in the lower store, references first; what is there already is told.</summary>
    private List<SourcePath> Find(HashSet<StorePath> requested, CancellationToken cancellation)
    {
        var closure = ClosureFinder.For(_layers, _layers.Directory, requested, _options.WithClosure, path => IsPublished(path, cancellation));
        var wanted = new List<SourcePath>();
        foreach (var path in requested)
        {
            try
            {
                if (IsPublished(path, cancellation))
                {
                    TellPublished(path, _layers.FindInLower(path)?.NarSize ?? 0, PublicationMethod.Present, isRequested: true);
                }
                else
                {
                    wanted.AddRange(closure.Find(path, cancellation));
                }
            }
            catch (NixStoreException error)
            {
                Fail(path, error);
            }
        }

        _layers.Roots.AddAll([.. wanted.Select(path => _layers.Directory.Print(path.Info.Path))], cancellation);
        wanted.ForEach(Progress.Expect);
        return wanted;
    }

    private bool IsPublished(StorePath path, CancellationToken cancellation)
    {
        if (!_layers.ProtectIfValid(path, cancellation) || _layers.FindInLower(path) is not { } lower)
        {
            return false;
        }

        return _layers.Find(path, cancellation) is not { } upper || upper.Info.NarHash.Equals(lower.NarHash) ? true
            : throw OverlayErrors.Differs(_layers.Directory, path, upper.Info.NarHash, $"the lower store has it with the hash {lower.NarHash}");
    }

    private void PublishAll(List<SourcePath> wanted, HashSet<StorePath> requested, CancellationToken cancellation)
    {
        if (wanted.Count == 0)
        {
            return;
        }

        var gate = new ReferenceGate(_layers, wanted.Select(path => path.Info.Path));
        using var staging = _layers.Lower.Stage();
        var derivations = new DerivationOutputs(_layers.Directory, OpenDerivation);
        var workers = Enumerable.Range(0, Math.Clamp(_options.Threads, 1, wanted.Count))
            .Select(_ => new TreePublisher(_layers, staging, derivations, Progress)).ToList();
        using var committer = new TreePublisher(_layers, staging, derivations, Progress);
        var batch = new PublicationBatch(_layers, gate);
        var copies = new UpperCopies(_layers.Overlay, _layers.Upper);

        // While a batch is made durable and registered, the next one is made ready.
        var committing = Task.CompletedTask;
        try
        {
            foreach (var paths in Batches(wanted))
            {
                var ready = Prepare(workers, paths, gate, cancellation);
                committing.GetAwaiter().GetResult();
                committing = workers.Count == 1 ? RunNow(() => Commit(ready)) : Task.Run(() => Commit(ready), CancellationToken.None);
            }

            committing.GetAwaiter().GetResult();
        }
        finally
        {
            committing.ContinueWith(_ => { }, TaskScheduler.Default).Wait(CancellationToken.None);
            workers.ForEach(worker => worker.Dispose());
        }

        void Commit(IReadOnlyList<PublishedTree> ready)
        {
            var valid = batch.Commit(ready, info => committer.ProveLeftover(info, cancellation), Fail, cancellation);
            foreach (var tree in valid)
            {
                TellPublished(tree.Info.Path, tree.Info.NarSize, tree.Method, requested.Contains(tree.Info.Path));
                Progress.AddPath();
            }

            // What is in the upper layer too is seen in any case.
            _mustBeSeen |= valid.Any(tree => tree.Method == PublicationMethod.Registered && !IsInUpper(tree.Info.Path));
            if (_options.RemovesFromUpper)
            {
                RemovePublished(copies, valid);
            }
        }
    }

    private static Task RunNow(Action work)
    {
        work();
        return Task.CompletedTask;
    }

    private IReadOnlyList<PublishedTree> Prepare(
        List<TreePublisher> workers, IReadOnlyList<SourcePath> paths, ReferenceGate gate, CancellationToken cancellation)
    {
        var ready = new PublishedTree?[paths.Count];
        WorkQueue.Run<TreePublisher, int>(
            workers,
            offer =>
            {
                // The largest first, so that none is left over for a single worker at the end.
                foreach (var index in Enumerable.Range(0, paths.Count).OrderByDescending(index => paths[index].Info.NarSize))
                {
                    offer(index);
                }
            },
            (worker, index, stop) =>
            {
                try
                {
                    gate.Ensure(paths[index].Info, stop);
                    ready[index] = worker.Prepare(paths[index].Info, stop);
                }
                catch (NixStoreException error) when (error.Kind != StoreErrorKind.DiskFull)
                {
                    gate.Fail(paths[index].Info.Path);
                    Fail(paths[index].Info.Path, error);
                }
            },
            cancellation);
        return [.. ready.OfType<PublishedTree>()];
    }

    private IEnumerable<IReadOnlyList<SourcePath>> Batches(List<SourcePath> wanted)
    {
        var batch = new List<SourcePath>();
        long bytes = 0;
        foreach (var path in wanted)
        {
            batch.Add(path);
            bytes += path.Info.NarSize;
            if (batch.Count == _options.BatchPaths || bytes >= _options.BatchBytes)
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    /// <summary>Their contents were proved while they were copied; what remains is that the disk has the rows as well.</summary>
    private void RemovePublished(UpperCopies copies, IReadOnlyList<PublishedTree> valid)
    {
        var there = valid.Where(tree => tree.Method != PublicationMethod.Present && IsInUpper(tree.Info.Path)).Select(tree => tree.Info).ToList();
        if (there.Count > 0)
        {
            LowerDisk.Sync(_layers.Lower.Location, _layers.Lower.Directory);
            copies.Remove(there, TellRemoved, (path, error) =>
            {
                _kept.Add(path);
                Fail(path, error);
            });
        }
    }

    private bool IsInUpper(StorePath path) => OpenLayers.StatusIn(_layers.Upper, ByteName.From(path.BaseName)) is { IsWhiteout: false };

    /// <summary>What the lower store had before, also from a publication that was killed, and what is needed by it.</summary>
    private void RemoveDuplicates(HashSet<StorePath> requested, CancellationToken cancellation)
    {
        using var optimiser = OverlayOptimiser.Open(_layers.Overlay);
        var paths = (_options.WithClosure ? Closure(requested, cancellation) : requested).Except(_kept);
        var found = optimiser.Find(paths, _options.Threads, Fail, cancellation);
        optimiser.Remove([.. found.Select(path => _layers.Directory.Parse(path.Path))], TellRemoved, Fail, cancellation);
    }

    private HashSet<StorePath> Closure(HashSet<StorePath> requested, CancellationToken cancellation)
    {
        var closure = requested.ToHashSet();
        var open = new Queue<StorePath>(requested);
        while (open.TryDequeue(out var path))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var reference in FindReferences(path, cancellation).Where(closure.Add))
            {
                open.Enqueue(reference);
            }
        }

        return closure;
    }

    private IReadOnlyList<StorePath> FindReferences(StorePath path, CancellationToken cancellation)
    {
        try
        {
            return _layers.Find(path, cancellation)?.Info.References ?? [];
        }
        catch (NixStoreException error) when (error.ErrorId == "SourcePathMalformed")
        {
            // What is wrong with it was told when it was to be published.
            return [];
        }
    }

    private FileDescriptor OpenDerivation(StorePath path)
    {
        const int flags = OpenFlags.ReadOnly | OpenFlags.NoAccessTime;
        var name = ByteName.From(path.BaseName);
        return Posix.TryOpenAt(_layers.Lower.Directory, name, flags | OpenFlags.NoFollow, 0, out _)
            ?? Posix.OpenAt(_layers.Upper, name, flags | OpenFlags.NoFollow);
    }

    private void Refresh()
    {
        if (OverlayRemount.TryRun(_layers.Overlay) is { } obstacle && _mustBeSeen)
        {
            Tell(() => _warned(obstacle));
        }

        foreach (var failure in OverlayRemount.TryRunOthers(_layers.Overlay))
        {
            Tell(() => _warned(failure));
        }
    }

    private void TellPublished(StorePath path, long narSize, PublicationMethod method, bool isRequested)
    {
        var publication = new OverlayPublication
        {
            Store = _layers.Overlay.Url,
            LowerStore = _layers.Lower.Location.Url,
            Path = _layers.Directory.Print(path),
            NarSize = narSize,
            Method = method,
            IsRequested = isRequested,
        };
        Tell(() => _published(publication));
    }

    private void TellRemoved(OverlayDuplicate duplicate) => Tell(() => _removed(duplicate));

    private void Fail(StorePath path, NixStoreException error) => Tell(() => _failed(path, error));

    private void Tell(Action tell)
    {
        lock (_gate)
        {
            tell();
        }
    }
}
