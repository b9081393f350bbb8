using NixStore.Engine.Native;

namespace NixStore.Engine.Archive;

/// <summary>Hashes trees, one after another, with the same buffers. Not thread-safe: keep one for each worker.</summary>
public sealed class NarHasher : IDisposable
{
    private readonly NarDumper _dumper;
    private readonly HashSink _sink;

    /// <summary>Makes a hasher.</summary>
    /// <param name="algorithm">SHA-256 for NAR hashes; content addresses may have others.</param>
    /// <param name="limits">How deep trees may be; <see cref="NarLimits.Existing"/> by default.</param>
    /// <exception cref="NixStoreException">UnsupportedHashAlgorithm</exception>
    public NarHasher(NixHashAlgorithm algorithm = NixHashAlgorithm.Sha256, NarLimits? limits = null)
    {
        _dumper = new NarDumper(limits);
        _sink = new HashSink(algorithm);
    }

    /// <summary>Hash and size of the archive of a tree.</summary>
    /// <param name="parent">An open directory.</param>
    /// <param name="name">NUL-terminated name (or path) of the root of the tree.</param>
    /// <param name="observer">Looks at every file.</param>
    /// <param name="substitutions">Changes that are tried out.</param>
    /// <param name="cancellation">Looked at between files and between large blocks.</param>
    /// <param name="also">Gets the archive as well; it is not flushed at the end.</param>
    /// <inheritdoc cref="NarDumper.Dump"/>
    public NarHash HashTree(
        FileDescriptor parent, ReadOnlySpan<byte> name, NarObserver? observer = null, NarSubstitutions? substitutions = null,
        CancellationToken cancellation = default, NarSink? also = null)
    {
        _sink.Reset();
        if (also is null)
        {
            _dumper.Dump(parent, name, _sink, observer, substitutions, cancellation);
            return _sink.Finish();
        }

        using var both = new TeeSink(_sink, also);
        _dumper.Dump(parent, name, both, observer, substitutions, cancellation);
        both.Flush();
        return _sink.Finish();
    }

    /// <summary>Hashes of the archive of a tree modulo its references to itself; see <see cref="HashModuloSink"/>.</summary>
    /// <inheritdoc cref="NarDumper.Dump"/>
    public NarModuloHash HashTreeModulo(
        FileDescriptor parent, ReadOnlySpan<byte> name, string selfHashPart, NarSubstitutions? substitutions = null,
        CancellationToken cancellation = default)
    {
        using var sink = new HashModuloSink(selfHashPart, _sink.Algorithm);
        _dumper.Dump(parent, name, sink, null, substitutions, cancellation);
        return sink.Finish();
    }

    /// <summary>Hash and length of what is left of a stream, whatever it holds.</summary>
    public NarHash HashStream(Stream stream, CancellationToken cancellation = default)
    {
        _sink.Reset();
        for (int count; (count = stream.Read(_sink.GetSpan())) > 0;)
        {
            _sink.Advance(count);
            cancellation.ThrowIfCancellationRequested();
        }

        return _sink.Finish();
    }

    /// <summary>Hash and length of the contents of an open regular file, from its beginning: the <c>flat</c> method.</summary>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    public NarHash HashFile(FileDescriptor file, CancellationToken cancellation = default)
    {
        _sink.Reset();
        for (int count; (count = Posix.Pread(file, _sink.GetSpan(), _sink.Length)) > 0;)
        {
            _sink.Advance(count);
            cancellation.ThrowIfCancellationRequested();
        }

        return _sink.Finish();
    }

    /// <inheritdoc/>
    public void Dispose() => _sink.Dispose();
}
