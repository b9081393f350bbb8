using NixStore.Engine.Database;
using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Commands;

/// <summary>The stores that a pipeline's records name, each opened once.</summary>
internal sealed class OpenStores : IDisposable
{
    private readonly Dictionary<string, StoreDatabase> _databases = new(StringComparer.Ordinal);

    /// <summary>The database of a store, opened now or for an earlier record.</summary>
    /// <exception cref="StoreDatabaseException">DatabaseNotFound, DatabaseEmpty, DatabaseMalformed, DatabaseBusy, SchemaTooNew</exception>
    public StoreDatabase Open(StoreLocation store)
    {
        if (!_databases.TryGetValue(store.Url, out var database))
        {
            database = StoreDatabase.OpenForReading(store);
            _databases.Add(store.Url, database);
        }

        return database;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var database in _databases.Values)
        {
            database.Dispose();
        }

        _databases.Clear();
    }
}
