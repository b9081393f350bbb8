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

    /// <param name="directory">The logical store directory.</param>
    /// <param name="open">Opens the file of a .drv that another one refers to.</param>
    internal DerivationOutputs(StoreDirectory directory, Func<StorePath, FileDescriptor> open)
    {
        _directory = directory;
        _hasher = new DerivationHasher(_directory, path =>
        {
            using var file = open(path);
            return DerivationReader.Read(Posix.ReadAll(file), path, directory);
        });
    }

    internal DerivationOutputs(StoreLocation store)
        : this(store.Directory, path => Posix.Open(store.RealPathOf(path), OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NoAccessTime))
    {
    }

    /// <summary>Output names and full paths of a staged .drv; its references are valid already.</summary>
    /// <exception cref="DerivationFormatException">InvalidDerivation, UnsupportedDerivation</exception>
    /// <exception cref="NixStoreException">DerivationOutputMismatch</exception>
    /// <exception cref="StoreIOException"/>
    internal IReadOnlyDictionary<string, string> Read(StagedTree tree, StorePath path) => Read(tree.Directory, tree.Name, path);

    /// <summary>As the other overload, of a .drv anywhere.</summary>
    /// <param name="parent">An open directory.</param>
    /// <param name="name">NUL-terminated name there.</param>
    /// <param name="path">The derivation's path.</param>
    internal IReadOnlyDictionary<string, string> Read(FileDescriptor parent, byte[] name, StorePath path)
    {
        using var file = OpenFile(parent, name) ?? throw new NixStoreException("InvalidDerivation", StoreErrorKind.InvalidData,
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

    private static FileDescriptor? OpenFile(FileDescriptor parent, byte[] name) => Posix.StatusAt(parent, name).Type == FileType.Regular
        ? Posix.OpenAt(parent, name, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NoAccessTime) : null;
}
