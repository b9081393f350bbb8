using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Rebuilding;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;
using NixStore.Engine.Transfer;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>
/// Finds paths that both layers of an overlay store have, and removes the upper copy where the lower one is proved intact. Nix's own
/// optimisation believes the lower database (Nix libstore/local-overlay-store.cc:optimiseStore) and can remove the only good copy.
/// </summary>
public sealed class OverlayOptimiser : IDisposable
{
    private readonly StoreLocation _overlay;
    private readonly StoreDatabase _upperRows;
    private readonly StoreDatabase _lowerRows;
    private readonly FileDescriptor _upper;
    private readonly FileDescriptor _lower;
    private readonly Dictionary<StorePath, (ValidPathInfo Info, FileStatus Lower)> _proved = [];

    private OverlayOptimiser(StoreLocation overlay, StoreDatabase upperRows, StoreDatabase lowerRows, FileDescriptor upper, FileDescriptor lower)
        => (_overlay, _upperRows, _lowerRows, _upper, _lower) = (overlay, upperRows, lowerRows, upper, lower);

    /// <summary>How far <see cref="Find"/> is.</summary>
    public TransferProgress Progress { get; } = new();

    /// <summary>Opens both layers for looking. The lower store may be read-only.</summary>
    /// <exception cref="NixStoreException">NotAnOverlayStore</exception>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public static OverlayOptimiser Open(StoreLocation overlay)
    {
        var layers = OverlayLocator.LayersOf(overlay);
        var upperRows = StoreDatabase.OpenForReading(overlay.Own);
        StoreDatabase? lowerRows = null;
        FileDescriptor? upper = null;
        try
        {
            lowerRows = StoreDatabase.OpenForReading(layers.Lower);
            upper = Posix.Open(layers.UpperLayer, OpenFlags.ReadOnly | OpenFlags.Directory);
            return new OverlayOptimiser(overlay, upperRows, lowerRows, upper, QuietDirectory.Open(layers.Lower.RealDirectory));
        }
        catch
        {
            upper?.Dispose();
            lowerRows?.Dispose();
            upperRows.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Finds duplicates whose lower copy has the contents that both databases register, and changes nothing. What is there twice and is not
    /// proved is told as an error.
    /// </summary>
    /// <param name="paths">Which paths to look at; null for all that the upper layer has.</param>
    /// <param name="threads">How many at once.</param>
    /// <param name="failed">Told of each path whose upper copy has to stay. One thread at a time.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>What could be removed, sorted by name, with what each would free after those before it.</returns>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    public IReadOnlyList<OverlayDuplicate> Find(
        IEnumerable<StorePath>? paths, int threads, Action<StorePath, NixStoreException> failed, CancellationToken cancellation)
    {
        var gate = new Lock();
        var candidates = Candidates(paths ?? StoreEntries.Read(_overlay.Directory, _overlay.Overlay!.UpperLayer, cancellation).Paths, failed, cancellation);
        candidates.ForEach(info => Progress.Expect(new SourcePath(info, "", null)));
        var workers = Enumerable.Range(0, Math.Clamp(threads, 1, Math.Max(candidates.Count, 1))).Select(_ => new NarHasher()).ToList();
        try
        {
            WorkQueue.Run<NarHasher, ValidPathInfo>(
                workers, offer => candidates.OrderByDescending(info => info.NarSize).ToList().ForEach(offer), Prove, cancellation);
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
        }

        var copies = new UpperCopies(_overlay, _upper);
        return [.. candidates.Select(info => info.Path).Where(_proved.ContainsKey).Select(path => copies.Predict(_proved[path].Info))];

        void Prove(NarHasher hasher, ValidPathInfo info, CancellationToken stop)
        {
            try
            {
                var name = ByteName.From(info.Path.BaseName);
                var status = Posix.StatusAt(_lower, name);
                var hash = hasher.HashTree(_lower, name, cancellation: stop).Hash;
                lock (gate)
                {
                    if (hash.Equals(info.NarHash))
                    {
                        _proved[info.Path] = (info, status);
                    }
                    else
                    {
                        failed(info.Path, OverlayErrors.LowerDamaged(_overlay.Directory, info.Path, $"registered is {info.NarHash}, there is {hash}"));
                    }
                }
            }
            catch (NixStoreException error)
            {
                lock (gate)
                {
                    failed(info.Path, OverlayErrors.LowerDamaged(_overlay.Directory, info.Path, error.Message));
                }
            }

            Progress.AddBytes(info.NarSize);
            Progress.AddPath();
        }
    }

    /// <summary>Removes the upper copies of paths that <see cref="Find"/> gave.</summary>
    /// <param name="paths">Which.</param>
    /// <param name="removed">Told of each that went.</param>
    /// <param name="failed">Told of each that stays.</param>
    /// <param name="cancellation">Ends it before the next batch.</param>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    public void Remove(
        IReadOnlyCollection<StorePath> paths, Action<OverlayDuplicate> removed, Action<StorePath, NixStoreException> failed, CancellationToken cancellation)
    {
        if (paths.Count == 0)
        {
            return;
        }

        using var roots = TemporaryRoots.Open(_overlay.Own, cancellation);
        using var lowerRoots = OpenLowerRoots(cancellation);
        var names = paths.Select(_overlay.Directory.Print).ToList();
        roots.AddAll(names, cancellation);
        lowerRoots?.AddAll(names, cancellation);

        // First protected, then looked at once more: a collection of the lower store may have been faster.
        var still = paths.Where(path => IsStillProved(path, failed)).Select(path => _proved[path].Info).ToList();
        if (still.Count > 0)
        {
            // What was proved may be in memory only.
            LowerDisk.Sync(_overlay.Overlay!.Lower, _lower);
            new UpperCopies(_overlay, _upper).Remove(still, removed, failed);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lower.Dispose();
        _upper.Dispose();
        _lowerRows.Dispose();
        _upperRows.Dispose();
    }

    /// <summary>What the lower store has registered and the upper layer has files of.</summary>
    private List<ValidPathInfo> Candidates(IEnumerable<StorePath> paths, Action<StorePath, NixStoreException> failed, CancellationToken cancellation)
    {
        var candidates = new List<ValidPathInfo>();
        foreach (var path in paths.Distinct().Order())
        {
            cancellation.ThrowIfCancellationRequested();
            if (!Posix.TryStatusAt(_upper, ByteName.From(path.BaseName), out var status, out _) || status.IsWhiteout
                || _lowerRows.Find(_overlay.Directory.Print(path)) is not { } row)
            {
                continue;
            }

            try
            {
                var info = RowInfo.Of(row, path, _overlay.Overlay!.Lower);
                var own = _upperRows.Find(_overlay.Directory.Print(path));
                if (own is not null && RowInfo.Of(own, path, _overlay).NarHash is var hash && !hash.Equals(info.NarHash))
                {
                    throw OverlayErrors.LowerDamaged(_overlay.Directory, path, $"it is registered with {info.NarHash}, the upper one with {hash}");
                }

                candidates.Add(info);
            }
            catch (NixStoreException error)
            {
                failed(path, error);
            }
        }

        return candidates;
    }

    private bool IsStillProved(StorePath path, Action<StorePath, NixStoreException> failed)
    {
        var proved = _proved[path];
        if (_lowerRows.IsRegistered(_overlay.Directory.Print(path)) && Posix.TryStatusAt(_lower, ByteName.From(path.BaseName), out var status, out _)
            && status.IsSameFile(proved.Lower) && status.ChangeTime == proved.Lower.ChangeTime)
        {
            return true;
        }

        failed(path, OverlayErrors.LowerDamaged(_overlay.Directory, path, "it was changed meanwhile"));
        return false;
    }

    /// <summary>On a lower store that is read-only here, somebody else's collector cannot be told.</summary>
    private TemporaryRoots? OpenLowerRoots(CancellationToken cancellation)
    {
        try
        {
            return TemporaryRoots.Open(_overlay.Overlay!.WritableLower, cancellation);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException or StoreIOException)
        {
            return null;
        }
    }
}
