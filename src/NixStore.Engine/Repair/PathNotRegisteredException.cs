using NixStore.Engine.Stores;

namespace NixStore.Engine.Repair;

/// <summary>A path without a row: nothing says what it should be.</summary>
/// <param name="path">Full logical path.</param>
/// <param name="store">The store.</param>
public sealed class PathNotRegisteredException(string path, StoreLocation store) : NixStoreException(
    "PathNotRegistered", StoreErrorKind.NotFound,
    $"'{path}' is not registered in {store.Url}, so nothing says what it should be.", path,
    "Import it from a source (Import-StorePath), or leave it to the next garbage collection.");
