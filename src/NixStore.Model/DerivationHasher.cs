using System.Security.Cryptography;
using System.Text;

namespace NixStore;

/// <summary>
/// Hashes derivations modulo their fixed-output inputs, which is what the paths of input-addressed outputs come from
/// (Nix libstore/derivations.cc:hashDerivationModulo). Remembers the hash of every derivation it has seen; not thread-safe.
/// </summary>
/// <param name="directory">The store directory.</param>
/// <param name="read">Gives a derivation by its path; it may throw, and the error passes through.</param>
public sealed class DerivationHasher(StoreDirectory directory, Func<StorePath, Derivation> read)
{
    private readonly StorePathFactory _factory = new(directory);
    private readonly Dictionary<StorePath, NixHash> _known = [];

    /// <summary>The hash of a derivation as others that depend on it see it.</summary>
    /// <exception cref="NixStoreException">InvalidDerivation: inputs that form a cycle. Anything that reading an input throws.</exception>
    public NixHash HashModulo(StorePath derivation)
    {
        // An explicit stack: chains of derivations can be longer than a thread's stack is deep.
        var open = new Dictionary<StorePath, Derivation>();
        var stack = new Stack<StorePath>();
        stack.Push(derivation);
        while (stack.TryPeek(out var current))
        {
            if (_known.ContainsKey(current))
            {
                stack.Pop();
                continue;
            }

            var isNew = !open.TryGetValue(current, out var parsed);
            parsed ??= open[current] = read(current);
            var missing = parsed.FixedOutput is not null ? [] : parsed.InputDerivations.Keys.Where(input => !_known.ContainsKey(input)).ToList();
            if (missing.Count == 0)
            {
                _known[current] = Compute(parsed, maskOutputs: false);
                open.Remove(current);
                stack.Pop();
            }
            else if (isNew)
            {
                missing.ForEach(stack.Push);
            }
            else
            {
                // All inputs were pushed above it, and one is still unknown: it waits for this one.
                throw new NixStoreException("InvalidDerivation", StoreErrorKind.InvalidData,
                    $"The derivation '{directory.Print(current)}' depends on itself.", directory.Print(current));
            }
        }

        return _known[derivation];
    }

    /// <summary>The hash that the paths of input-addressed outputs come from: of <paramref name="derivation"/> with its outputs masked.</summary>
    /// <exception cref="NixStoreException">As <see cref="HashModulo"/>.</exception>
    public NixHash HashMasked(Derivation derivation)
    {
        foreach (var input in derivation.InputDerivations.Keys)
        {
            HashModulo(input);
        }

        return Compute(derivation, maskOutputs: true);
    }

    /// <summary>The paths that the outputs must have, by name; null for those that are known only after the build.</summary>
    /// <exception cref="NixStoreException">As <see cref="HashModulo"/>; InvalidStorePath when the name is too long.</exception>
    public IReadOnlyDictionary<string, StorePath?> ComputeOutputPaths(Derivation derivation)
    {
        NixHash? masked = null;
        var paths = new SortedDictionary<string, StorePath?>(StringComparer.Ordinal);
        foreach (var (name, output) in derivation.Outputs)
        {
            paths[name] = output.Kind switch
            {
                DerivationOutputKind.InputAddressed => _factory.MakeOutputPath(name, masked ??= HashMasked(derivation), derivation.Name),
                DerivationOutputKind.Fixed when output.ContentAddress is { } address => _factory.FromContentAddress(
                    address, StorePathFactory.OutputPathName(derivation.Name, name), [], hasSelfReference: false),
                _ => null,
            };
        }

        return paths;
    }

    /// <summary>
    /// Checks what Nix checks when it registers a .drv: output paths are those computed, and the variables named like outputs hold them.
    /// </summary>
    /// <returns>One sentence for each thing that is wrong; empty when nothing is.</returns>
    /// <exception cref="NixStoreException">As <see cref="ComputeOutputPaths"/>.</exception>
    public IReadOnlyList<string> FindContradictions(Derivation derivation)
    {
        var found = new List<string>();
        foreach (var (name, expected) in ComputeOutputPaths(derivation))
        {
            if (expected is null)
            {
                continue;
            }

            var stated = derivation.Outputs[name].Path;
            if (!expected.Equals(stated))
            {
                found.Add($"The output '{name}' is '{stated}' but must be '{expected}'.");
            }

            if (!derivation.Environment.TryGetValue(ByteString.FromText(name), out var variable)
                || variable.ToString() != directory.Print(expected))
            {
                found.Add($"The variable '{name}' must be '{directory.Print(expected)}'.");
            }
        }

        return found;
    }

    private NixHash Compute(Derivation derivation, bool maskOutputs)
    {
        if (derivation.FixedOutput is { Path: { } path, ContentAddress: { } address })
        {
            return Sha256(Encoding.UTF8.GetBytes($"fixed:out:{address.MethodPrefix}{NixHash.NameOf(address.Hash.Algorithm)}:"
                + $"{address.Hash.ToBase16()}:{directory.Print(path)}"));
        }

        // Different derivations can have the same hash; their wanted outputs then become one entry.
        var inputs = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (input, wanted) in derivation.InputDerivations)
        {
            var hash = _known[input].ToBase16();
            inputs[hash] = inputs.TryGetValue(hash, out var others) ? [.. others.Union(wanted).Order(StringComparer.Ordinal)] : wanted;
        }

        return Sha256(DerivationWriter.Write(derivation, directory, maskOutputs, inputs));
    }

    private static NixHash Sha256(byte[] bytes) => new(NixHashAlgorithm.Sha256, SHA256.HashData(bytes));
}
