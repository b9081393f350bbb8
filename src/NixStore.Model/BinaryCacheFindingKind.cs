namespace NixStore;

/// <summary>What can be wrong with a binary cache.</summary>
public enum BinaryCacheFindingKind
{
    /// <summary>A narinfo cannot be parsed, or says what it must not.</summary>
    NarInfoCorrupt,
    /// <summary>A narinfo is about another path than its name says.</summary>
    NarInfoMismatch,
    /// <summary>A narinfo is about a path of another store directory than the cache's.</summary>
    ForeignStoreDirectory,
    /// <summary>There is no narinfo of a path that was asked for.</summary>
    PathMissing,
    /// <summary>A path refers to one that the cache does not have: whoever wants it cannot substitute it.</summary>
    ReferenceMissing,
    /// <summary>The file that a narinfo names is not there.</summary>
    NarMissing,
    /// <summary>The file has another size than its narinfo says.</summary>
    NarSizeMismatch,
    /// <summary>The file's contents are not those that its narinfo describes.</summary>
    NarDamaged,
    /// <summary>The file is compressed in a way that cannot be read here, and was not checked.</summary>
    NarNotChecked,
    /// <summary>The file is on another server, and was looked for there.</summary>
    NarElsewhere,
    /// <summary>A NAR that no narinfo names.</summary>
    NarUnreferenced,
    /// <summary>A line <c>Sig</c> is no signature.</summary>
    SignatureMalformed,
    /// <summary>A signature does not fit what the narinfo says, or was not made by the key that it names.</summary>
    SignatureInvalid,
    /// <summary>No key that was given has signed the path, and its contents do not vouch for it.</summary>
    SignatureMissing,
    /// <summary>A content address does not give the path.</summary>
    ContentAddressMismatch,
    /// <summary>A listing (<c>.ls</c>) whose path is not there.</summary>
    ListingUnreferenced,
    /// <summary>A listing that cannot be read, or is not that of the NAR.</summary>
    ListingDamaged,
    /// <summary>A build log whose derivation no path of the cache comes from.</summary>
    LogUnreferenced,
    /// <summary>An entry of the index of debug information that leads to no NAR, or cannot be read.</summary>
    DebugInfoDangling,
    /// <summary>A realisation whose path is not there, or that cannot be read.</summary>
    RealisationDangling,
    /// <summary>An entry of the build trace whose path is not there, or that cannot be read.</summary>
    BuildTraceDangling,
    /// <summary>What an upload that was interrupted has left behind.</summary>
    TemporaryFile,
    /// <summary>A file that is no part of a binary cache.</summary>
    UnknownFile,
    /// <summary>Something could not be looked at.</summary>
    CheckFailed,
}
