using NixStore.Engine.Stores;

namespace NixStore.Engine.Graph;

/// <summary>A registered path refers to a row that does not exist, so nobody can say what it needs.</summary>
/// <param name="path">Full logical path that has the reference.</param>
/// <param name="reference">Id of the row that is not there.</param>
/// <param name="store">Where.</param>
public sealed class ClosureIncompleteException(string path, long reference, StoreLocation store) : NixStoreException(
    "ClosureIncomplete", StoreErrorKind.InvalidData,
    $"'{path}' refers to the row {reference}, which the database of the store {store.Url} does not have: the closure is incomplete.", path,
    "A path was deleted from the database while others need it; get it back from a cache or another store before relying on the closure.");
