using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Transfer;

/// <summary>
/// The outputs that a .drv file names, as the database registers them with it. Their paths are computed anew, since a derivation that claims
/// the outputs of another one could have them replaced by its own (Nix libstore/derivations.cc:checkInvariants). Safe for several threads.
/// </summary>
internal sealed class DerivationOutputs
{
    private readonly Lock _gate = new();
    private readonly StoreDirectory _directory;
    private readonly DerivationHasher _hasher;

    internal DerivationOutputs(StoreLocation store)
    {
        _directory = store.Directory;
        _hasher = new DerivationHasher(_directory, path => Read(store, path));
    }

    /// <summary>Output names and full paths of a staged .drv; its references are valid already.</summary>
    /// <exception cref="DerivationFormatException">InvalidDerivation, UnsupportedDerivation</exception>
    /// <exception cref="NixStoreException">DerivationOutputMismatch</exception>
    /// <exception cref="StoreIOException"/>
    internal IReadOnlyDictionary<string, string> Read(StagedTree tree, StorePath path)
    {
        using var file = tree.OpenFile() ?? throw new NixStoreException("InvalidDerivation", StoreErrorKind.InvalidData,
            $"'{path.BaseName}' is named like a derivation, but is not a regular file.", path.BaseName);
        var derivation = DerivationReader.Read(Posix.ReadAll(file), path, _directory);
        lock (_gate)
        {
            if (_hasher.FindContradictions(derivation) is [var contradiction, ..])
            {
                throw new NixStoreException("DerivationOutputMismatch", StoreErrorKind.Security,
                    $"The derivation '{path.BaseName}' contradicts itself: {contradiction}", _directory.Print(path), "Do not trust where it came from.");
            }
        }

        return derivation.Outputs.Where(output => output.Value.Path is not null)
            .ToDictionary(output => output.Key, output => _directory.Print(output.Value.Path!));
    }

    private static Derivation Read(StoreLocation store, StorePath path)
    {
        using var file = Posix.Open(store.RealPathOf(path), OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NoAccessTime);
        return DerivationReader.Read(Posix.ReadAll(file), path, store.Directory);
    }
}
