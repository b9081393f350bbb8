using NixStore.Engine.Database;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>
/// Both layers of an overlay store, open to move paths from the upper one to the lower one: the lower store for changes, by its own locks; of the
/// overlay store the rows and the directory of the upper layer, with temporary roots that keep its collectors away. Safe for several threads.
/// </summary>
/// <remarks>
/// No path of the upper layer is locked. A lock taken through the mount is not one on the layer, and a lock file that both layers have at once
/// leaves a whiteout when it goes.
/// </remarks>
internal sealed class OpenLayers : IPathSource, IDisposable
{
    private readonly Lock _upperGate = new();
    private readonly Lock _lowerGate = new();
    private readonly StoreDatabase _upperRows;
    private readonly StoreDatabase _lowerRows;

    private OpenLayers(
        StoreLocation overlay, WritableStore lower, FileDescriptor upper, TemporaryRoots roots, StoreDatabase upperRows, StoreDatabase lowerRows)
    {
        Overlay = overlay;
        Lower = lower;
        Upper = upper;
        Roots = roots;
        _upperRows = upperRows;
        _lowerRows = lowerRows;
    }

    /// <summary>The overlay store.</summary>
    internal StoreLocation Overlay { get; }

    /// <summary>The lower store.</summary>
    internal WritableStore Lower { get; }

    /// <summary>The directory of the upper layer.</summary>
    internal FileDescriptor Upper { get; }

    /// <summary>The overlay store's temporary roots.</summary>
    internal TemporaryRoots Roots { get; }

    /// <inheritdoc/>
    public string Name => Overlay.Url;

    /// <summary>The logical store directory.</summary>
    internal StoreDirectory Directory => Overlay.Directory;

    /// <summary>Opens them.</summary>
    /// <exception cref="NixStoreException">NotAnOverlayStore, OverlayLowerReadOnly, StoreLocked</exception>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    internal static OpenLayers Open(StoreLocation overlay, CancellationToken cancellation)
    {
        var layers = OverlayLocator.LayersOf(overlay);
        var opened = new Stack<IDisposable>();
        try
        {
            var upperRows = Keep(StoreDatabase.OpenForReading(overlay.Own));
            var upper = Keep(Posix.Open(layers.UpperLayer, OpenFlags.ReadOnly | OpenFlags.Directory));
            var lower = Keep(OpenLower(layers.WritableLower, cancellation));
            return new OpenLayers(
                overlay, lower, upper, Keep(TemporaryRoots.Open(overlay.Own, cancellation)), upperRows, Keep(StoreDatabase.OpenForReading(lower.Location)));
        }
        catch
        {
            while (opened.TryPop(out var one))
            {
                one.Dispose();
            }

            throw;
        }

        T Keep<T>(T one)
            where T : IDisposable
        {
            opened.Push(one);
            return one;
        }
    }

    /// <summary>What the overlay store's own row says of a path, wherever its files are; null when it has none.</summary>
    /// <exception cref="NixStoreException">SourcePathMalformed</exception>
    /// <exception cref="StoreDatabaseException"/>
    public SourcePath? Find(StorePath path, CancellationToken cancellation)
    {
        PathRow? row;
        lock (_upperGate)
        {
            row = _upperRows.Find(Directory.Print(path));
        }

        return row is null ? null : new SourcePath(RowInfo.Of(row, path, Overlay), $"{Overlay.Overlay!.UpperLayer}/{path.BaseName}", null);
    }

    /// <summary>What the lower store says of a path now; null when it is not valid there.</summary>
    /// <exception cref="NixStoreException">SourcePathMalformed</exception>
    /// <exception cref="StoreDatabaseException"/>
    internal ValidPathInfo? FindInLower(StorePath path)
    {
        lock (_lowerGate)
        {
            return _lowerRows.Find(Directory.Print(path)) is { } row ? RowInfo.Of(row, path, Lower.Location) : null;
        }
    }

    /// <summary>Protects a path in the lower store until this is disposed, then says whether it is valid there.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    internal bool ProtectIfValid(StorePath path, CancellationToken cancellation)
    {
        Lower.Roots.Add(path, cancellation);
        return Lower.Database.IsValid(path);
    }

    /// <summary>Whether something is in a layer by a path's name; a whiteout is something.</summary>
    /// <exception cref="StoreIOException"/>
    internal static FileStatus? StatusIn(FileDescriptor layer, byte[] name)
        => Posix.TryStatusAt(layer, name, out var status, out var error) ? status
            : error == Errno.NoEntry ? null : throw new StoreIOException("look at", layer.Combine(name), error);

    /// <inheritdoc/>
    public void Dispose()
    {
        _lowerRows.Dispose();
        Roots.Dispose();
        Lower.Dispose();
        Upper.Dispose();
        _upperRows.Dispose();
    }

    private static WritableStore OpenLower(StoreLocation lower, CancellationToken cancellation)
    {
        EnsureWritable(lower, $"{lower.StateDirectory}/db");
        try
        {
            return WritableStore.Open(lower, cancellation);
        }
        catch (StoreIOException error) when (error.ErrorNumber == Errno.ReadOnlyFileSystem)
        {
            throw OverlayErrors.LowerReadOnly(lower, lower.RealDirectory);
        }
    }

    /// <summary>SQLite would say "unable to open database file".</summary>
    private static void EnsureWritable(StoreLocation lower, string path)
    {
        using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path), OpenFlags.ReadOnly | OpenFlags.Directory, 0, out _);
        if (directory is not null && Posix.FileSystemStatus(directory).IsReadOnly)
        {
            throw OverlayErrors.LowerReadOnly(lower, path);
        }
    }
}
