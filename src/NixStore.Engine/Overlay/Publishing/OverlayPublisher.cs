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
    private readonly Lock _gate = new();

    private OverlayPublisher(OpenLayers layers, PublicationOptions options) => (_layers, _options) = (layers, options);

    /// <summary>Told of each path that is valid in the lower store now: of those that were named, and of those that came along. One thread at a time.</summary>
    public required Action<OverlayPublication> Published { get; init; }

    /// <summary>Told of each path that could not be published, and of each upper copy that stays. One thread at a time.</summary>
    public required Action<StorePath, NixStoreException> Failed { get; init; }

    /// <summary>Told of each upper copy that went.</summary>
    public required Action<OverlayDuplicate> Removed { get; init; }

    /// <summary>Told when the kernel may still show the old state of the layers.</summary>
    public required Action<NixStoreException> Warned { get; init; }

    /// <summary>How far it is.</summary>
    public TransferProgress Progress { get; } = new();

    /// <summary>Opens both layers.</summary>
    /// <param name="overlay">The overlay store. Whether its lower store is named read-only makes no difference.</param>
    /// <param name="options">How.</param>
    /// <param name="published">See <see cref="Published"/>.</param>
    /// <param name="failed">See <see cref="Failed"/>.</param>
    /// <param name="removed">See <see cref="Removed"/>.</param>
    /// <param name="warned">See <see cref="Warned"/>.</param>
    /// <param name="cancellation">Ends the wait for locks.</param>
    /// <exception cref="NixStoreException">NotAnOverlayStore, OverlayLowerReadOnly, StoreLocked</exception>
    /// <exception cref="Database.StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public static OverlayPublisher Open(
        StoreLocation overlay, PublicationOptions options, Action<OverlayPublication> published, Action<StorePath, NixStoreException> failed,
        Action<OverlayDuplicate> removed, Action<NixStoreException> warned, CancellationToken cancellation)
        => new(OpenLayers.Open(overlay, cancellation), options) { Published = published, Failed = failed, Removed = removed, Warned = warned };

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
                    Tell(path, _layers.FindInLower(path)?.NarSize ?? 0, PublicationMethod.Present, isRequested: true);
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
        var moves = _options.RemovesFromUpper && CanMove();
        var workers = Enumerable.Range(0, Math.Clamp(_options.Threads, 1, wanted.Count))
            .Select(_ => new TreePublisher(_layers, staging, derivations, Progress, moves)).ToList();
        using var committer = new TreePublisher(_layers, staging, derivations, Progress, moves);
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
                Tell(tree.Info.Path, tree.Info.NarSize, tree.Method, requested.Contains(tree.Info.Path));
                Progress.AddPath();
            }

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

    /// <summary>
    /// True when files can go from the upper layer to the lower store by a rename. While the overlay is mounted anywhere, whoever has one of its
    /// files open for writing could go on to write to it in the lower store, which others trust.
    /// </summary>
    private bool CanMove() => Posix.Status(_layers.Upper).Device == Posix.Status(_layers.Lower.Directory).Device
        && UpperLayerUse.FindProcess(_layers.Upper) is null;

    /// <summary>Their contents were proved while they were copied; what remains is that the disk has the rows as well.</summary>
    private void RemovePublished(UpperCopies copies, IReadOnlyList<PublishedTree> valid)
    {
        var there = valid.Where(tree => tree.Method is not (PublicationMethod.Present or PublicationMethod.Moved)
            && OpenLayers.StatusIn(_layers.Upper, ByteName.From(tree.Info.Path.BaseName)) is { IsWhiteout: false }).Select(tree => tree.Info).ToList();
        if (there.Count > 0)
        {
            _layers.SyncLower();
            Warn(copies.Remove(there, Remove, Fail));
        }
    }

    /// <summary>What the lower store had before, also from a publication that was killed, and what is needed by it.</summary>
    private void RemoveDuplicates(HashSet<StorePath> requested, CancellationToken cancellation)
    {
        using var optimiser = OverlayOptimiser.Open(_layers.Overlay);
        var found = optimiser.Find(_options.WithClosure ? Closure(requested, cancellation) : requested, _options.Threads, Fail, cancellation);
        optimiser.Remove([.. found.Select(path => _layers.Directory.Parse(path.Path))], Remove, Fail, Warn, cancellation);
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
        // A path that is still in the upper layer is seen there in any case.
        if (OverlayRefresh.Refresh(_layers.Overlay) is { } obstacle && _options.RemovesFromUpper)
        {
            Warn(obstacle);
        }

        foreach (var failure in OverlayRefresh.RefreshOthers(_layers.Overlay))
        {
            Warn(failure);
        }
    }

    private void Tell(StorePath path, long narSize, PublicationMethod method, bool isRequested)
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
        lock (_gate)
        {
            Published(publication);
        }
    }

    private void Fail(StorePath path, NixStoreException error)
    {
        lock (_gate)
        {
            Failed(path, error);
        }
    }

    private void Remove(OverlayDuplicate duplicate)
    {
        lock (_gate)
        {
            Removed(duplicate);
        }
    }

    private void Warn(NixStoreException? warning)
    {
        if (warning is not null)
        {
            lock (_gate)
            {
                Warned(warning);
            }
        }
    }
}
