using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Rebuilding;

/// <summary>
/// One reading of a whole store without its database: first the derivations, then all other paths, each once and several at a time, then
/// rows are decided in memory.
/// </summary>
internal sealed class StoreReading
{
    /// <summary>Descriptions are waited for more than worked on.</summary>
    private const int DescriptionsPerWorker = 8;

    private readonly StoreLocation _store;
    private readonly RebuildOptions _options;
    private readonly VerificationProgress _progress;
    private readonly CancellationToken _cancellation;
    private readonly StoreEntries _entries;
    private readonly DerivationIndex _derivations;
    private readonly List<StoreRowOmission> _omitted;

    // References of the paths whose rows are good.
    private readonly Dictionary<StorePath, IReadOnlyList<StorePath>> _good = [];

    /// <summary>Reads the directory and the derivations.</summary>
    /// <exception cref="NixStoreException">StoreDirectoryEmpty</exception>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    internal StoreReading(StoreLocation store, RebuildOptions options, VerificationProgress progress, CancellationToken cancellation)
    {
        (_store, _options, _progress, _cancellation) = (store, options, progress, cancellation);
        _entries = StoreEntries.Read(store.Directory, store.RealDirectory, cancellation);
        if (_entries.Paths.Count == 0)
        {
            throw new NixStoreException("StoreDirectoryEmpty", StoreErrorKind.InvalidData,
                $"There is not one path in '{store.RealDirectory}': the directory is empty or not mounted.", store.RealDirectory,
                "Mount the file system with the store; of an empty directory no database can be made.");
        }

        if (options.Known is { } known)
        {
            foreach (var path in _entries.Paths)
            {
                if (known(path) is { } references)
                {
                    _good.Add(path, references);
                }
            }
        }

        progress.TotalPaths = _entries.Paths.Count;
        _derivations = DerivationIndex.Read(
            store, [.. _entries.Paths.Where(path => path.IsDerivation)], options.Workers, progress, cancellation);
        _omitted = [.. _entries.Omitted];
    }

    /// <summary>What got no row, by path.</summary>
    internal IReadOnlyList<StoreRowOmission> Omitted => [.. _omitted.OrderBy(entry => entry.Path, StringComparer.Ordinal)];

    /// <summary>The rows, references before referrers.</summary>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    internal IReadOnlyList<RebuiltRow> ReadRows()
    {
        var sorted = RowOrder.Sort(DropUnfinished(Decide(Scan())), _store.Directory);
        var paths = sorted.Select(draft => draft.Path).Concat(_good.Keys).ToHashSet();
        return [.. sorted.Select(draft => draft.Finish(_store.Directory, paths.Contains))];
    }

    private List<ScannedPath> Scan()
    {
        // Of paths with the same hash part the one that is in the store counts, and not what was left behind of its making.
        var candidates = new ReferenceTable(_entries.Doubtful.Concat(_options.Named).Concat(_derivations.Named)
            .Concat(_entries.Paths.Where(path => !_entries.Doubtful.Contains(path))));
        var paths = _entries.Paths.Where(path => !path.IsDerivation).Concat(_derivations.Others).Where(path => !_good.ContainsKey(path)).ToList();
        var errors = new Dictionary<StorePath, NixStoreException>();
        var scanned = Scan(paths, candidates, errors, isFirst: true);
        _derivations.DropUnbelieved();
        _omitted.AddRange(_derivations.Omitted);

        // What only a derivation claimed that is not believed.
        var again = scanned.Where(path => path.IsClaimed && _derivations.MakersOf(path.Path).Count == 0).Select(path => path.Path).ToHashSet();
        if (again.Count > 0)
        {
            scanned = [.. scanned.Where(path => !again.Contains(path.Path)), .. Scan([.. again], candidates, errors, isFirst: false)];
        }

        _omitted.AddRange(errors.Select(error => new StoreRowOmission(_store.Directory.Print(error.Key),
            _entries.Doubtful.Contains(error.Key) ? StoreOmissionReason.Leftover : StoreOmissionReason.Unreadable, error.Value.Message)));
        return scanned;
    }

    /// <summary>Reads paths; in the first round, and beside them, what the derivations say is proved.</summary>
    private List<ScannedPath> Scan(List<StorePath> paths, ReferenceTable candidates, Dictionary<StorePath, NixStoreException> errors, bool isFirst)
    {
        var scanned = new ScannedPath?[paths.Count];
        var before = isFirst ? 1 : 0;
        InParallel.Run(paths.Count + before, _options.Workers, () => new PathScanner(_store, _derivations, candidates), (scanner, i, stop) =>
        {
            if (i < before)
            {
                _derivations.ProveOutputs(_store, stop);
                return;
            }

            var path = paths[i - before];
            try
            {
                var found = scanner.Scan(path, stop);
                scanned[i - before] = found;
                _progress.Add(isFirst ? found.Nar.Size : 0);
            }
            catch (NixStoreException error)
            {
                lock (errors)
                {
                    errors[path] = error;
                }
            }
        }, _cancellation);
        return [.. scanned.OfType<ScannedPath>()];
    }

    private Dictionary<StorePath, ValidPathInfo> Describe(IReadOnlyCollection<ScannedPath> scanned)
    {
        if (_options.Describe is not { } describe)
        {
            return [];
        }

        var paths = scanned.Select(path => path.Path).Concat(_derivations.InOrder.Select(derivation => derivation.Path))
            .Where(path => !_good.ContainsKey(path)).ToList();
        var described = new ValidPathInfo?[paths.Count];
        InParallel.Run(paths.Count, _options.Workers * DescriptionsPerWorker, i => described[i] = describe(paths[i]), _cancellation);
        return paths.Zip(described).Where(pair => pair.Second is not null).ToDictionary(pair => pair.First, pair => pair.Second!);
    }

    private List<RowDraft> Decide(IReadOnlyCollection<ScannedPath> scanned)
    {
        var rebuilder = new RowRebuilder(_store.Directory, _derivations, _entries.Doubtful);
        var voucher = new RowVoucher(_store.Directory, _options.TrustedKeys);
        var descriptions = Describe(scanned);
        var drafts = new List<RowDraft>(_entries.Paths.Count);
        foreach (var derivation in _derivations.InOrder)
        {
            rebuilder.Know(derivation.Path, derivation.Derivation.References);
        }

        foreach (var path in scanned)
        {
            rebuilder.Know(path.Path, path.Address?.References ?? path.Found);
        }

        foreach (var (path, references) in _good)
        {
            rebuilder.Know(path, references);
        }

        foreach (var derivation in _derivations.InOrder.Where(derivation => !_good.ContainsKey(derivation.Path)))
        {
            Take(rebuilder.Rebuild(derivation));
        }

        foreach (var path in InOrder(scanned))
        {
            _cancellation.ThrowIfCancellationRequested();
            var (draft, omission) = rebuilder.Rebuild(path);
            if (draft is not null)
            {
                Take(draft);
            }
            else
            {
                _omitted.Add(omission!);
            }
        }

        return drafts;

        void Take(RowDraft draft)
        {
            if (descriptions.TryGetValue(draft.Path, out var described))
            {
                voucher.Apply(draft, described);
                rebuilder.Know(draft.Path, draft.References);
            }

            drafts.Add(draft);
        }
    }

    /// <summary>
    /// What looks like a build that did not finish is one, unless something refers to it that does not: then it was registered before that.
    /// </summary>
    private List<RowDraft> DropUnfinished(List<RowDraft> drafts)
    {
        var unfinished = drafts.Where(draft => draft.LooksUnfinished).ToDictionary(draft => draft.Path);
        var pending = new Stack<IReadOnlyList<StorePath>>(
            drafts.Where(draft => !draft.LooksUnfinished).Select(draft => draft.References).Concat(_good.Values));
        while (unfinished.Count > 0 && pending.TryPop(out var references))
        {
            foreach (var reference in references)
            {
                if (unfinished.Remove(reference, out var needed))
                {
                    pending.Push(needed.References);
                }
            }
        }

        _omitted.AddRange(unfinished.Keys.Select(path => new StoreRowOmission(_store.Directory.Print(path), StoreOmissionReason.NeverRegistered,
            "not one file has the mode or the time that Nix gives before it registers a path, and nothing refers to it: an unfinished build")));
        return drafts.FindAll(draft => !unfinished.ContainsKey(draft.Path));
    }

    /// <summary>What no derivation makes first, then the outputs, inputs before what was made of them.</summary>
    private IEnumerable<ScannedPath> InOrder(IReadOnlyCollection<ScannedPath> scanned)
    {
        var outputs = scanned.Where(path => _derivations.MakersOf(path.Path).Count > 0).ToDictionary(path => path.Path);
        foreach (var path in scanned.Where(path => !outputs.ContainsKey(path.Path)))
        {
            yield return path;
        }

        foreach (var output in _derivations.InOrder.SelectMany(derivation => derivation.Derivation.Outputs.Values))
        {
            if (output.Path is { } path && outputs.Remove(path, out var made))
            {
                yield return made;
            }
        }
    }
}
