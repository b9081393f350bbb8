using NixStore.Engine.Stores;

namespace NixStore.Engine.Liveness;

/// <summary>No chain of references leads from one path to another.</summary>
/// <param name="path">Full logical path that was asked about.</param>
/// <param name="dependency">Full logical path that it does not need.</param>
/// <param name="store">Where.</param>
public sealed class DoesNotDependException(string path, string dependency, StoreLocation store) : NixStoreException(
    "DoesNotDepend", StoreErrorKind.NotFound,
    $"'{path}' does not depend on '{dependency}' in the store {store.Url}.", path,
    "Only references at run time count; without -DependsOn, derivers and outputs that keep a path are shown as well.");
