namespace NixStore.Caches.Bulk;

/// <summary>What came of a file that was asked for.</summary>
public enum BulkOutcome
{
    /// <summary>It was read.</summary>
    Read,
    /// <summary>The cache has no such file.</summary>
    Missing,
    /// <summary>It is there, but it cannot be what it should: too large, damaged, not as long as the listing says.</summary>
    Unreadable,
    /// <summary>It could not be had this time, or the server refuses to give it out; nothing is known of it.</summary>
    Unavailable,
}

/// <summary>The answer to a request.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Bytes">The file, decompressed if it was stored with a content encoding.</param>
/// <param name="Error">Why there are no bytes; null when it is missing.</param>
public readonly record struct BulkAnswer(BulkOutcome Outcome, ReadOnlyMemory<byte> Bytes, NixStoreException? Error = null);

/// <summary>A file to be read.</summary>
/// <param name="Name">Its name in the cache.</param>
/// <param name="Size">How long it is by a listing: what is shorter or longer was cut on the way, unless the file is newer than the listing.</param>
/// <param name="LastModified">When it was written, by the same listing.</param>
public readonly record struct BulkRequest(string Name, long? Size = null, DateTimeOffset? LastModified = null);
