using System.Collections.Frozen;
using System.Security.Cryptography;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Rebuilding;

/// <summary>Reads .drv files, each of them once and whole. Not thread-safe: one for each worker.</summary>
internal sealed class DerivationFileReader : IDisposable
{
    private static readonly IReadOnlyDictionary<ByteString, ByteString> s_noEnvironment = FrozenDictionary<ByteString, ByteString>.Empty;

    private readonly StoreDirectory _logical;
    private readonly StorePathFactory _paths;
    private readonly FileDescriptor _directory;
    private readonly HashSink _sink = new();
    private readonly NarWriter _writer;

    /// <exception cref="StoreIOException">The store directory cannot be opened.</exception>
    internal DerivationFileReader(StoreLocation store)
    {
        _logical = store.Directory;
        _paths = new StorePathFactory(store.Directory);
        _directory = QuietDirectory.Open(store.RealDirectory);
        _writer = new NarWriter(_sink);
    }

    /// <summary>Reads a file whose text must give its name.</summary>
    /// <exception cref="NixStoreException">
    /// InvalidDerivation: it is none, or another one. UnsupportedDerivation: one of a kind that is not understood. Reading failed.
    /// </exception>
    internal IndexedDerivation Read(StorePath path)
    {
        var (bytes, status) = ReadFile(path);
        var derivation = DerivationReader.Read(bytes, path, _logical);
        var text = new NixHash(NixHashAlgorithm.Sha256, SHA256.HashData(bytes));
        if (!_paths.Proves(path, new ContentAddress(ContentAddressMethod.Text, text), derivation.References))
        {
            throw Invalid(path, "its text does not give its name");
        }

        _sink.Reset();
        _writer.Begin();
        _writer.Regular(status.IsExecutable, bytes);
        return new IndexedDerivation(
            path, derivation with { Arguments = [], Environment = s_noEnvironment }, BuilderOptions.Of(derivation), _sink.Finish(), text, status.ChangeTime);
    }

    /// <summary>Reads a file again, with all that is in it.</summary>
    /// <inheritdoc cref="Read"/>
    internal Derivation ReadAll(StorePath path) => DerivationReader.Read(ReadFile(path).Bytes, path, _logical);

    /// <inheritdoc/>
    public void Dispose()
    {
        _sink.Dispose();
        _directory.Dispose();
    }

    private (byte[] Bytes, FileStatus Status) ReadFile(StorePath path)
    {
        var name = ByteName.From(path.BaseName);

        // Looked at before it is opened: opening a device can have effects, and a fifo would wait.
        if (Posix.StatusAt(_directory, name) is { Type: not FileType.Regular })
        {
            throw Invalid(path, "it is not a regular file");
        }

        using var file = Posix.OpenAt(_directory, name, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking | OpenFlags.NoAccessTime);
        return (Posix.ReadAll(file), Posix.Status(file));
    }

    private NixStoreException Invalid(StorePath path, string reason) => new("InvalidDerivation", StoreErrorKind.InvalidData,
        $"The derivation '{_logical.Print(path)}' is damaged: {reason}.", _logical.Print(path));
}
