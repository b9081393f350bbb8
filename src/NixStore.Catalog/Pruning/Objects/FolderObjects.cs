using System.Globalization;
using NixStore.Caches.BinaryCaches;
using NixStore.Engine.Native;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>The files of a cache in a directory. Folders are opened one below the other, and no link is followed.</summary>
internal sealed class FolderObjects(BinaryCacheUrl url) : IObjectControl
{
    private const int FolderMode = 0b111_101_101, FileMode = 0b110_100_100;

    private readonly Lazy<FileBinaryCache> _files = new(() => new FileBinaryCache(url, new BinaryCacheOptions { Create = true }));

    /// <inheritdoc/>
    public string Address => url.Text;

    /// <inheritdoc/>
    public BinaryCache Files => _files.Value;

    /// <summary>Where it is.</summary>
    internal string Directory => url.Place;

    /// <inheritdoc/>
    public IEnumerable<ObjectState> List(string prefix, string? after, CancellationToken cancellation)
        => FileListing.Of(Directory, prefix, after, cancellation).Select(file => Of(file.Name, file.Size, file.LastModified));

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, ObjectState>> Look(IReadOnlyList<string> keys, CancellationToken cancellation)
    {
        var found = new Dictionary<string, ObjectState>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryState(key) is { } state)
            {
                found[key] = state;
            }
        }

        return Task.FromResult<IReadOnlyDictionary<string, ObjectState>>(found);
    }

    /// <inheritdoc/>
    public Task<byte[]?> Read(string key, string? version, int limit, CancellationToken cancellation)
    {
        using var folder = TryOpenFolder(key, create: false);
        using var file = folder is null ? null : Posix.TryOpenAt(folder, Name(key), OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking, 0, out _);
        return Task.FromResult(file is null || Posix.Status(file).Type != FileType.Regular ? null : Posix.ReadAll(file, limit));
    }

    /// <inheritdoc/>
    public Task Write(string key, byte[] bytes, CancellationToken cancellation)
    {
        using var folder = TryOpenFolder(key, create: true)!;
        var temporary = ByteName.From(string.Create(CultureInfo.InvariantCulture, $"{FileName(key)}.tmp.{Environment.ProcessId}.{Guid.NewGuid():N}"));
        using (var file = Posix.OpenAt(folder, temporary, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, FileMode))
        {
            Posix.WriteAll(file, bytes);
            Posix.Fsync(file);
        }

        Posix.RenameAt(folder, temporary, folder, Name(key));
        Posix.Fsync(folder);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Delete(IReadOnlyList<string> keys, CancellationToken cancellation)
    {
        foreach (var key in keys)
        {
            using var folder = TryOpenFolder(key, create: false);
            if (folder is not null && Posix.TryStatusAt(folder, Name(key), out _, out _))
            {
                Posix.UnlinkAt(folder, Name(key));
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_files.IsValueCreated)
        {
            _files.Value.Dispose();
        }
    }

    /// <summary>A file as it is; null when there is none, or when it is something else.</summary>
    internal ObjectState? TryState(string key)
    {
        using var folder = TryOpenFolder(key, create: false);
        return folder is not null && Posix.TryStatusAt(folder, Name(key), out var status, out _) && status.Type == FileType.Regular
            ? Of(key, status) : null;
    }

    /// <summary>A file's state by its status.</summary>
    internal static ObjectState Of(string key, FileStatus status)
        => Of(key, status.Size, status.ModificationTime);

    /// <summary>The folder that a file is in; null when it is not there.</summary>
    /// <exception cref="NixStoreException">InvalidObjectKey; errors of writing.</exception>
    internal FileDescriptor? TryOpenFolder(string key, bool create)
    {
        var parts = ObjectKeys.Checked(key).Split('/');
        var folder = Posix.Open(Directory, OpenFlags.ReadOnly | OpenFlags.Directory);
        foreach (var part in parts.SkipLast(1))
        {
            var name = ByteName.From(part);
            var next = Posix.TryOpenAt(folder, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow, 0, out var error);
            if (next is null && error == Errno.NoEntry && create)
            {
                MakeFolder(folder, name);
                next = Posix.OpenAt(folder, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow);
            }

            folder.Dispose();
            if (next is null)
            {
                return error is Errno.NoEntry or Errno.NotDirectory && !create ? null : throw new StoreIOException("open", $"{Directory}/{key}", error);
            }

            folder = next;
        }

        return folder;
    }

    /// <summary>The last part of a name, as the system takes it.</summary>
    internal static byte[] Name(string key) => ByteName.From(FileName(key));

    private static string FileName(string key) => key[(key.LastIndexOf('/') + 1)..];

    private static void MakeFolder(FileDescriptor folder, ReadOnlySpan<byte> name)
    {
        try
        {
            Posix.MkdirAt(folder, name, FolderMode);
            Posix.Fsync(folder);
        }
        catch (StoreIOException error) when (error.ErrorNumber == Errno.Exists)
        {
            // Somebody was quicker.
        }
    }

    private static ObjectState Of(string key, long size, DateTimeOffset modified)
        => new(key, size, string.Create(CultureInfo.InvariantCulture, $"{size}-{modified.UtcTicks}"), modified.ToUniversalTime());
}
