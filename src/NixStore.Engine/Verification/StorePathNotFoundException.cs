using NixStore.Engine.Stores;

namespace NixStore.Engine.Verification;

/// <summary>No row of the store's database is what was asked for.</summary>
public sealed class StorePathNotFoundException : NixStoreException
{
    /// <summary>For a path or hash part.</summary>
    /// <param name="what">As it was looked for.</param>
    /// <param name="store">Where.</param>
    /// <param name="onDisk">True when the store directory has it nevertheless.</param>
    public StorePathNotFoundException(string what, StoreLocation store, bool onDisk = false) : base(
        "StorePathNotFound", StoreErrorKind.NotFound,
        onDisk ? $"'{what}' is on disk, but the database of the store {store.Url} does not have it."
            : $"The store {store.Url} has no path '{what}'.",
        what,
        onDisk ? "It is not valid; with -IncludeUnregistered, Get-StorePath shows it. A garbage collection removes it."
            : "Check the path and the store (-Store).")
    {
    }
}
