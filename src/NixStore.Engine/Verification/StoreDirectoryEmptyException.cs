using NixStore.Engine.Stores;

namespace NixStore.Engine.Verification;

/// <summary>
/// Not one of the registered paths is in the store directory: it is not mounted, or was emptied. Real Nix takes this for thousands of
/// vanished paths and drops every row (NIX-ON-DAMAGE, case b4).
/// </summary>
public sealed class StoreDirectoryEmptyException(StoreLocation store, long registered) : NixStoreException(
    "StoreDirectoryEmpty", StoreErrorKind.InvalidData,
    $"None of the {registered} registered paths of {store.Url} is in '{store.RealDirectory}': the directory is empty or not mounted.",
    store.RealDirectory,
    "Mount the file system with the store. Only if its contents are really lost and every path is to be fetched again, use -Force.");
