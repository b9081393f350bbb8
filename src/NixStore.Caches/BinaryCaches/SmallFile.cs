namespace NixStore.Caches.BinaryCaches;

/// <summary>A small file as it was read.</summary>
/// <param name="Bytes">Its contents, decompressed if it was stored with a content encoding.</param>
/// <param name="IsDecoded">True when it was.</param>
/// <param name="LastModified">When it was written, if the server says so.</param>
internal readonly record struct SmallFile(byte[] Bytes, bool IsDecoded = false, DateTimeOffset? LastModified = null);
