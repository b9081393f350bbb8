using System.Globalization;
using NixStore.Engine.Backups;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Upkeep;

/// <summary>What the steps of one mending share; each thing is opened when first asked for.</summary>
/// <param name="location">The store.</param>
/// <param name="timeout">How long to wait for a collection.</param>
/// <param name="waiting">Called once when there is something to wait for.</param>
internal sealed class MendedStore(StoreLocation location, TimeSpan timeout, Action? waiting) : IDisposable
{
    private readonly string _setAside = string.Create(CultureInfo.InvariantCulture,
        $"{location.StateDirectory}/nixstore/set-aside/{DateTime.UtcNow:yyyyMMdd'T'HHmmss.fff'Z'}-{Environment.ProcessId}");

    private FileDescriptor? _links;
    private CollectorLock? _collectorLock;

    internal StoreLocation Location { get; } = location;

    /// <summary>
    /// The open, writable directory <c>.links</c>, with collections kept away: Nix's own ends at an entry that is gone since it listed them
    /// (Nix libstore/gc.cc:removeUnusedLinks).
    /// </summary>
    /// <exception cref="NixStoreException">StoreLocked</exception>
    /// <exception cref="StoreIOException"/>
    internal FileDescriptor OpenLinks(CancellationToken cancellation)
    {
        _collectorLock ??= CollectorLock.AcquireShared(Location, timeout, waiting, cancellation);
        if (_links is null)
        {
            using var directory = WritableMount.OpenDirectory(Location.RealDirectory);
            _links = Posix.OpenAt(directory, ".links\0"u8, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow);
        }

        return _links;
    }

    /// <summary>Moves a name out of a directory to where it is kept and does no harm; what it was is in the path that it gets there.</summary>
    /// <exception cref="NixStoreException">SetAsideOnOtherFileSystem</exception>
    /// <exception cref="StoreIOException"/>
    internal void SetAside(FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        using var aside = BackupDirectory.OpenOrMake($"{_setAside}/{Path.GetFileName(directory.Path)}");
        try
        {
            Posix.RenameNoReplaceAt(directory, name, aside, name);
        }
        catch (StoreIOException error) when (error.ErrorNumber == Errno.CrossDevice)
        {
            throw new NixStoreException("SetAsideOnOtherFileSystem", StoreErrorKind.NotSupported,
                $"'{directory.Combine(name)}' cannot be moved to '{aside.Path}', which is on another file system.", directory.Combine(name),
                "Look at it, and move it away by hand.", error);
        }

        Posix.Fsync(aside);
        Posix.Fsync(directory);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _links?.Dispose();
        _collectorLock?.Dispose();
    }
}
