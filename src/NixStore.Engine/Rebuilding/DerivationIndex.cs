using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Rebuilding;

/// <summary>
/// All .drv files of a store: which path is an output of which of them, and what their builders could refer to. Only a file whose text gives
/// its name is believed, and none that claims outputs that it cannot have, as Nix would not have registered it either
/// (Nix libstore/derivations.cc:checkInvariants): somebody could have left one that claims the outputs of another.
/// </summary>
internal sealed class DerivationIndex
{
    private readonly Dictionary<StorePath, IndexedDerivation> _derivations = [];
    private readonly Dictionary<StorePath, List<DerivedOutput>> _outputs = [];
    private readonly HashSet<StorePath> _sources = [];
    private readonly HashSet<StorePath> _named = [];
    private readonly List<StoreRowOmission> _omitted = [];
    private readonly List<StorePath> _others = [];
    private readonly List<StoreRowOmission> _unbelieved = [];
    private readonly StoreDirectory _directory;
    private List<IndexedDerivation> _inOrder = [];

    private DerivationIndex(StoreDirectory directory) => _directory = directory;

    /// <summary>The derivations, each after those that it needs.</summary>
    internal IReadOnlyList<IndexedDerivation> InOrder => _inOrder;

    /// <summary>Paths that are named like derivations, but are of a kind that is not understood: only the contents can tell of them.</summary>
    internal IReadOnlyList<StorePath> Others => _others;

    /// <summary>Derivations that are damaged, unreadable or not to be believed.</summary>
    internal IReadOnlyList<StoreRowOmission> Omitted => _omitted;

    /// <summary>Every path that some derivation names as output, input or source; it need not be in the store.</summary>
    internal IReadOnlyCollection<StorePath> Named => _named;

    /// <summary>Reads them. What they say is not to be believed before <see cref="ProveOutputs"/> and <see cref="DropUnbelieved"/>.</summary>
    /// <param name="store">The store.</param>
    /// <param name="paths">Paths of the store that are named like derivations.</param>
    /// <param name="threads">How many to read with.</param>
    /// <param name="progress">Counts.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="Native.StoreIOException">The store directory cannot be opened.</exception>
    /// <exception cref="OperationCanceledException"/>
    internal static DerivationIndex Read(
        StoreLocation store, IReadOnlyList<StorePath> paths, int threads, VerificationProgress progress, CancellationToken cancellation)
    {
        var index = new DerivationIndex(store.Directory);
        var read = new IndexedDerivation?[paths.Count];
        var errors = new NixStoreException?[paths.Count];
        InParallel.Run(paths.Count, threads, () => new DerivationFileReader(store), (reader, i, _) =>
        {
            try
            {
                read[i] = reader.Read(paths[i]);
                progress.Add(read[i]!.Nar.Size);
            }
            catch (NixStoreException error)
            {
                errors[i] = error;
            }
        }, cancellation);
        for (var i = 0; i < paths.Count; i++)
        {
            if (read[i] is { } derivation)
            {
                index._derivations.Add(paths[i], derivation);
            }
            else
            {
                index.Reject(paths[i], errors[i]!);
            }
        }

        index.SortInputsFirst();
        index.AddNames();
        return index;
    }

    /// <summary>Computes the paths of all outputs anew. Others may ask the index meanwhile.</summary>
    /// <exception cref="Native.StoreIOException">The store directory cannot be opened.</exception>
    /// <exception cref="OperationCanceledException"/>
    internal void ProveOutputs(StoreLocation store, CancellationToken cancellation)
    {
        using var reader = new DerivationFileReader(store);
        Derivation? current = null;
        var hasher = new DerivationHasher(store.Directory, _ => current!);
        var hashed = new HashSet<StorePath>();
        foreach (var indexed in _inOrder)
        {
            cancellation.ThrowIfCancellationRequested();
            var isFixed = indexed.Derivation.FixedOutput is not null;
            if (!isFixed && !indexed.Derivation.InputDerivations.Keys.All(hashed.Contains))
            {
                continue;
            }

            try
            {
                current = reader.ReadAll(indexed.Path);
                if (hasher.FindContradictions(current) is [var contradiction, ..])
                {
                    _unbelieved.Add(new(_directory.Print(indexed.Path), StoreOmissionReason.InvalidDerivation, contradiction));
                    continue;
                }

                // All inputs are known to the hasher by now, so it asks for nothing but this one.
                hasher.HashModulo(indexed.Path);
                hashed.Add(indexed.Path);
                indexed.AreOutputsProved = true;
            }
            catch (NixStoreException)
            {
                // It was readable before; what it says stands, unproved.
            }
        }
    }

    /// <summary>Forgets the derivations that claim what they cannot have.</summary>
    internal void DropUnbelieved()
    {
        if (_unbelieved.Count == 0)
        {
            return;
        }

        _omitted.AddRange(_unbelieved);
        foreach (var omitted in _unbelieved)
        {
            _derivations.Remove(_directory.Parse(omitted.Path));
        }

        _unbelieved.Clear();
        _inOrder = [.. _inOrder.Where(derivation => _derivations.ContainsKey(derivation.Path))];
        _outputs.Clear();
        _sources.Clear();
        _named.Clear();
        AddNames();
    }

    /// <summary>A derivation; null when there is none of this name that can be believed.</summary>
    internal IndexedDerivation? Find(StorePath path) => _derivations.GetValueOrDefault(path);

    /// <summary>The derivations that name a path as their output, the oldest first: the one that has most likely built it.</summary>
    internal IReadOnlyList<DerivedOutput> MakersOf(StorePath path) => (IReadOnlyList<DerivedOutput>?)_outputs.GetValueOrDefault(path) ?? [];

    /// <summary>True when some derivation names the path as a source.</summary>
    internal bool IsSource(StorePath path) => _sources.Contains(path);

    private void Reject(StorePath path, NixStoreException error)
    {
        if (error.ErrorId == "UnsupportedDerivation")
        {
            _others.Add(path);
            return;
        }

        Omit(path, error.ErrorId == "InvalidDerivation" ? StoreOmissionReason.Damaged : StoreOmissionReason.Unreadable, error.Message);
    }

    private void Omit(StorePath path, StoreOmissionReason reason, string detail) => _omitted.Add(new(_directory.Print(path), reason, detail));

    /// <summary>Names are hashes of what they are made of, inputs included, so there are no cycles.</summary>
    private void SortInputsFirst()
    {
        var seen = new HashSet<StorePath>();
        var stack = new Stack<(IndexedDerivation Derivation, bool IsOpen)>();
        foreach (var start in _derivations.Values)
        {
            stack.Push((start, false));
            while (stack.TryPop(out var top))
            {
                if (top.IsOpen)
                {
                    _inOrder.Add(top.Derivation);
                    continue;
                }

                if (!seen.Add(top.Derivation.Path))
                {
                    continue;
                }

                stack.Push((top.Derivation, true));
                foreach (var input in top.Derivation.Derivation.InputDerivations.Keys)
                {
                    if (_derivations.TryGetValue(input, out var needed) && !seen.Contains(input))
                    {
                        stack.Push((needed, false));
                    }
                }
            }
        }
    }

    private void AddNames()
    {
        foreach (var indexed in _inOrder.OrderBy(derivation => derivation.ChangeTime).ThenBy(derivation => derivation.Path))
        {
            var derivation = indexed.Derivation;
            foreach (var (name, output) in derivation.Outputs)
            {
                if (output.Path is { } path)
                {
                    _named.Add(path);
                    if (!_outputs.TryGetValue(path, out var makers))
                    {
                        _outputs[path] = makers = [];
                    }

                    makers.Add(new DerivedOutput(indexed, name, output));
                }
            }

            _sources.UnionWith(derivation.InputSources);
            _named.UnionWith(derivation.InputSources);
            _named.UnionWith(derivation.InputDerivations.Keys);
        }
    }
}
