namespace NixStore.Engine.Archive;

/// <summary>What identifies an archive: the hash of its bytes and their number.</summary>
public readonly record struct NarHash(NixHash Hash, long Size);
