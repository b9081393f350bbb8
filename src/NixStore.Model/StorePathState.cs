namespace NixStore;

/// <summary>The verdict on a store path, the worst of its problems first.</summary>
public enum StorePathState
{
    /// <summary>Nothing wrong was seen, as far as was looked.</summary>
    Valid,
    /// <summary>On disk, but the database does not know it: not valid, not damaged.</summary>
    Unregistered,
    /// <summary>Only metadata differ from the canonical ones: mode, owner, time, extended attributes.</summary>
    Altered,
    /// <summary>The database's row is damaged or contradicts the files' proof; the files are not known to be bad.</summary>
    Malformed,
    /// <summary>The contents are not those that were registered.</summary>
    Corrupt,
    /// <summary>Reading the files failed, so nothing can be said of the contents.</summary>
    Unreadable,
    /// <summary>Registered, but nothing is there.</summary>
    Missing,
}
