namespace NixStore.Catalog.Inventories;

/// <summary>Gets the data files of a report, one ahead: the next one is fetched and hashed while one is imported.</summary>
internal sealed class InventoryFetch : IDisposable
{
    private readonly IInventoryPlace _place;
    private readonly IReadOnlyList<InventoryFile> _files;
    private readonly string _temporaryDirectory;
    private readonly CancellationTokenSource _stop;
    private int _taken;
    private Task<InventoryDataFile>? _next;

    internal InventoryFetch(IInventoryPlace place, IReadOnlyList<InventoryFile> files, string temporaryDirectory, CancellationToken cancellation)
    {
        _place = place;
        _files = files;
        _temporaryDirectory = temporaryDirectory;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Begin();
    }

    /// <summary>The next file, which whoever takes it disposes of; null at the end.</summary>
    /// <exception cref="NixStoreException">As of <see cref="IInventoryPlace.Get"/>.</exception>
    /// <exception cref="OperationCanceledException"/>
    internal (InventoryFile File, InventoryDataFile Data)? TryTake()
    {
        _stop.Token.ThrowIfCancellationRequested();
        if (_next is null)
        {
            return null;
        }

        var data = _next.GetAwaiter().GetResult();
        var file = _files[_taken++];
        Begin();
        return (file, data);
    }

    /// <summary>Ends; what was fetched and not taken goes.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        try
        {
            _next?.GetAwaiter().GetResult().Dispose();
        }
        catch (Exception error) when (error is NixStoreException or OperationCanceledException)
        {
            // Nobody has asked for it.
        }

        _stop.Dispose();
    }

    private void Begin()
    {
        var file = _taken < _files.Count ? _files[_taken] : null;
        _next = file is null ? null : Task.Run(() => _place.Get(file, _temporaryDirectory, _stop.Token));
    }
}
