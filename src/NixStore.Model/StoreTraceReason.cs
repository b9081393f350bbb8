namespace NixStore;

/// <summary>Why a path is dead.</summary>
public enum StoreTraceReason
{
    /// <summary>No root, and no other path keeps it.</summary>
    Unreferenced,
    /// <summary>Other paths keep it, and all of them are dead.</summary>
    OnlyReferredByDead,
    /// <summary>Roots that would keep it are stale: the links they go by are gone.</summary>
    OnlyStaleRoots,
    /// <summary>It is on disk, but the store's database does not have it.</summary>
    NotRegistered,
}
