using System.Security.Cryptography;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Examination;

/// <summary>
/// Reads .drv files as proof of what the database must say: a .drv's name is made from its text and its references, so one that gives its own name
/// is beyond doubt (Nix libstore/derivations.cc:writeDerivation).
/// </summary>
internal sealed class DerivationFiles : IDisposable
{
    private readonly FileDescriptor _directory;
    private readonly StorePathFactory _paths;

    /// <summary>Opens the store directory.</summary>
    /// <exception cref="StoreIOException"/>
    internal DerivationFiles(StoreLocation store)
    {
        _paths = new StorePathFactory(store.Directory);
        _directory = Posix.Open(store.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
    }

    /// <summary>Reads a derivation that proves itself; null when there is no such file.</summary>
    /// <exception cref="DerivationFormatException">InvalidDerivation, UnsupportedDerivation</exception>
    /// <exception cref="NixStoreException">DerivationNotProved: it can be parsed, but does not give its name.</exception>
    /// <exception cref="StoreIOException"/>
    internal Derivation? Read(StorePath path)
    {
        var name = ByteName.From(path.BaseName);
        using var file = Posix.TryOpenAt(
            _directory, name, OpenFlags.ReadOnly | OpenFlags.NoAccessTime | OpenFlags.NoFollow | OpenFlags.NonBlocking, 0, out var error);
        if (file is null)
        {
            return error == Errno.NoEntry ? null : throw new StoreIOException("open", _directory.Combine(name), error);
        }

        var text = Posix.ReadAll(file);
        var derivation = DerivationReader.Read(text, path, _paths.Directory);
        var address = new ContentAddress(ContentAddressMethod.Text, new NixHash(NixHashAlgorithm.Sha256, SHA256.HashData(text)));
        return _paths.Proves(path, address, derivation.References) ? derivation
            : throw new NixStoreException("DerivationNotProved", StoreErrorKind.InvalidData,
                $"The derivation '{path.BaseName}' does not have the contents that its name demands.", path.BaseName);
    }

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();
}
