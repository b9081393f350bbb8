using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Verification;

/// <summary>
/// What a path could refer to, for a scan of its contents. Nix scans an output for the closure of its builder's inputs and for the outputs
/// built with it (Nix libstore/build/derivation-builder.cc:registerOutputs); the same is done here as long as the .drv is valid. Otherwise
/// any registered path will do: a hash part that stands in the contents by accident is not to be expected.
/// Safe for several threads.
/// </summary>
/// <param name="database">Rows; used by nobody else.</param>
public sealed class ReferenceCandidates(StoreDatabase database) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StoreLocation _store = database.Store;
    private IReadOnlyCollection<StorePath>? _all;

    /// <summary>Candidates for a path; null when its contents cannot tell: its builder was told not to register references.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="OperationCanceledException"/>
    public IReadOnlyCollection<StorePath>? For(StorePath path, StorePath? deriver, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (path.IsDerivation && ReadDerivation(path) is { } itself)
            {
                // Its text names its outputs too, which it does not refer to.
                return itself.References;
            }

            if (ReadDerivation(deriver) is not { } derivation || !derivation.Outputs.Values.Any(output => path.Equals(output.Path)))
            {
                return _all ??= [.. Parse(database.ReadNames())];
            }

            return DiscardsReferences(derivation) ? null : [.. FindInputs(derivation, cancellation), .. FindOutputs(derivation)];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Not under the feet of a worker that a stopped command has left behind.
        lock (_gate)
        {
            database.Dispose();
        }
    }

    private IEnumerable<StorePath> FindInputs(Derivation derivation, CancellationToken cancellation)
    {
        var starts = new HashSet<long>();
        AddInputs(derivation, starts, []);
        return Parse(database.ReadNames(new StoreClosure(database, ClosureDirection.References).Extend(starts, cancellation)));
    }

    /// <summary>Inputs that were collected as garbage are stood in for by what they were built from: their references may live on.</summary>
    private void AddInputs(Derivation derivation, HashSet<long> starts, HashSet<StorePath> seen)
    {
        Add(derivation.InputSources);
        foreach (var (input, names) in derivation.InputDerivations)
        {
            if (!seen.Add(input) || ReadDerivation(input) is not { } inner)
            {
                continue;
            }

            var outputs = names.Select(name => inner.Outputs.GetValueOrDefault(name)?.Path).OfType<StorePath>().ToList();
            if (Add(outputs) < names.Count)
            {
                AddInputs(inner, starts, seen);
            }
        }

        int Add(IReadOnlyCollection<StorePath> paths)
        {
            var ids = paths.Select(path => database.FindId(_store.Directory.Print(path))).OfType<long>().ToList();
            starts.UnionWith(ids);
            return ids.Count;
        }
    }

    private static IEnumerable<StorePath> FindOutputs(Derivation derivation) => derivation.Outputs.Values.Select(output => output.Path).OfType<StorePath>();

    /// <summary>The attribute <c>unsafeDiscardReferences</c> can only be given in structured attributes.</summary>
    private static bool DiscardsReferences(Derivation derivation) => derivation.Environment.TryGetValue(ByteString.FromText("__json"), out var json)
        && json.Span.IndexOf("\"unsafeDiscardReferences\""u8) >= 0;

    private Derivation? ReadDerivation(StorePath? path)
    {
        if (path is not { IsDerivation: true })
        {
            return null;
        }

        try
        {
            using var file = Posix.Open(_store.RealPathOf(path), OpenFlags.ReadOnly | OpenFlags.NoAccessTime | OpenFlags.NoFollow | OpenFlags.NonBlocking);
            return DerivationReader.Read(Posix.ReadAll(file), path, _store.Directory);
        }
        catch (NixStoreException)
        {
            // Missing or damaged: that is a problem of the .drv, not of what was built from it.
            return null;
        }
    }

    private IEnumerable<StorePath> Parse(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (_store.Directory.TryParse(name, out var path))
            {
                yield return path;
            }
        }
    }
}
