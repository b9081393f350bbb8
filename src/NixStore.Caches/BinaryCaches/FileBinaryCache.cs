using NixStore.Caches.Narinfo;
using NixStore.Engine.Native;

namespace NixStore.Caches.BinaryCaches;

/// <summary>A cache in a directory, <c>file:///…</c>. Nix takes no lock on one, and neither do we: files appear by rename.</summary>
public sealed class FileBinaryCache : BinaryCache
{
    private readonly FileBinaryCacheWriter _writer;

    /// <summary>Opens a directory.</summary>
    /// <exception cref="NixStoreException">NotABinaryCache, StoreDirectoryMismatch, BinaryCacheInfoCorrupt, BinaryCacheReadFailed</exception>
    public FileBinaryCache(BinaryCacheUrl url, BinaryCacheOptions? options = null, CancellationToken cancellation = default)
        : base(url, options ?? new BinaryCacheOptions())
    {
        Directory = url.Place;
        _writer = new FileBinaryCacheWriter(this);
        Connect(cancellation);
    }

    /// <summary>Where it is.</summary>
    public string Directory { get; }

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override byte[]? TryReadFile(string relative, int limit, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            using var file = Open(CheckedName(relative));
            if (file.Length > limit)
            {
                throw TooLarge(relative, limit);
            }

            var bytes = new byte[file.Length];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length == bytes.Length ? bytes : bytes[..length];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(relative, e);
        }
    }

    /// <inheritdoc/>
    public override bool CanList => true;

    /// <inheritdoc/>
    public override long? TryGetSize(string relative, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var file = NarUrl.IsAbsolute(relative) ? null : new FileInfo(PathOf(CheckedName(relative)));
        return file is { Exists: true } ? file.Length : null;
    }

    /// <inheritdoc/>
    public override IEnumerable<BinaryCacheFile> List(string prefix = "", string? after = null, CancellationToken cancellation = default)
        => FileListing.Of(Directory, prefix, after, cancellation);

    /// <inheritdoc/>
    public override Stream OpenFile(string relative, CancellationToken cancellation = default)
    {
        if (NarUrl.IsAbsolute(relative))
        {
            throw Missing(relative);
        }

        try
        {
            return Open(CheckedName(relative));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Missing(relative, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(relative, e);
        }
    }

    /// <inheritdoc/>
    public override NarInfo Add(
        ValidPathInfo info, Action<Stream> writeNar, BinaryCacheAddOptions? options = null, CancellationToken cancellation = default)
        => _writer.Add(info, writeNar, options ?? new BinaryCacheAddOptions(), cancellation);

    /// <summary>The path of a file in the cache.</summary>
    internal string PathOf(string relative) => Path.Combine(Directory, relative);

    private FileStream Open(string relative)
    {
        var path = PathOf(relative);
        if (Posix.TryStatusAt(FileDescriptor.WorkingDirectory, ByteName.From(path), out var status, out _)
            && status.Type is not (FileType.Regular or FileType.SymbolicLink or FileType.Directory))
        {
            // Opening a fifo would wait for ever.
            throw new IOException("It is not a regular file.");
        }

        // A collector may remove a file that is being read, and that must work.
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
    }

    private NixStoreException Unreadable(string relative, Exception e) => new("BinaryCacheReadFailed",
        e is UnauthorizedAccessException ? StoreErrorKind.PermissionDenied : StoreErrorKind.ReadError,
        $"'{PathOf(relative)}' cannot be read: {e.Message}", PathOf(relative), null, e);
}
