using NixStore.Caches.BinaryCaches;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>The objects of a bucket or folder: seen as they are at this moment, read, written, deleted. Safe for several threads.</summary>
internal interface IObjectControl : IDisposable
{
    /// <summary>What opens it again; without secrets.</summary>
    string Address { get; }

    /// <summary>The same as a cache to be read from; it need not have a <c>nix-cache-info</c>.</summary>
    BinaryCache Files { get; }

    /// <summary>Lists objects in the order of their names.</summary>
    /// <param name="prefix">Only names that begin with it.</param>
    /// <param name="after">Only names behind this one; null = all.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">BinaryCacheListingDenied, BinaryCacheListingInconsistent; errors of reading.</exception>
    IEnumerable<ObjectState> List(string prefix, string? after, CancellationToken cancellation);

    /// <summary>Looks at objects; those that are not there, and were not before, are not in the answer.</summary>
    /// <param name="keys">In the order of their bytes.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">Errors of reading.</exception>
    Task<IReadOnlyDictionary<string, ObjectState>> Look(IReadOnlyList<string> keys, CancellationToken cancellation);

    /// <summary>Reads a small object, decoded if it was stored with a content encoding; null when it is not there.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="version">Which version; null = the current one.</param>
    /// <param name="limit">More bytes than this are an error.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">BinaryCacheFileTooLarge; errors of reading.</exception>
    Task<byte[]?> Read(string key, string? version, int limit, CancellationToken cancellation);

    /// <summary>Writes a small object, whole or not at all; durable when this returns.</summary>
    /// <exception cref="NixStoreException">BinaryCacheWriteFailed; errors of writing.</exception>
    Task Write(string key, byte[] bytes, CancellationToken cancellation);

    /// <summary>Deletes objects for good, as far as they are there.</summary>
    /// <exception cref="NixStoreException">ObjectsNotDeleted; errors of writing.</exception>
    Task Delete(IReadOnlyList<string> keys, CancellationToken cancellation);
}
