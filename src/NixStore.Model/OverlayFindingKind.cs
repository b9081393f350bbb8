namespace NixStore;

/// <summary>What can be wrong with an overlay store, or worth knowing of it.</summary>
public enum OverlayFindingKind
{
    /// <summary>No overlay is mounted where the store is.</summary>
    MountMissing,
    /// <summary>The overlay is mounted, but something else lies on top of it. Nix's check does not see that.</summary>
    MountHidden,
    /// <summary>The mount is right, but its source is not called <c>overlay</c>, the only name that Nix's check takes.</summary>
    MountSourceName,
    /// <summary>The mount is right, but a directory was given with a trailing slash, or spelt otherwise; Nix's check compares letters.</summary>
    MountTrailingSlash,
    /// <summary>The mount is right, but it or the URL names a directory by a symbolic link or another mount; Nix's check compares letters.</summary>
    MountSymbolicLink,
    /// <summary>A directory was given to mount relative to a working directory that nobody knows any more.</summary>
    MountRelativePath,
    /// <summary>The mount has several lower directories; Nix's check knows one.</summary>
    MountSeveralLowers,
    /// <summary>The mount was made by the kernel's new interface, which shows <c>lowerdir+</c>; Nix's check does not know that.</summary>
    MountNewInterface,
    /// <summary>A directory has characters that the kernel escapes or that mean something in a regular expression; Nix's check escapes nothing.</summary>
    MountSpecialCharacters,
    /// <summary>The overlay is that of fuse-overlayfs, which Nix's check cannot see.</summary>
    MountFuse,
    /// <summary>The mount names directories that do not exist here: it was made in another mount namespace.</summary>
    MountOtherNamespace,
    /// <summary>An overlay is mounted, but of other directories than the URL names.</summary>
    MountOtherLayers,
    /// <summary>Nix's check looks at the mount of something else, because a dot in a name matches any character.</summary>
    MountMatchesOther,
    /// <summary>Nix's check fails for a reason that is not known here.</summary>
    MountCheckFailed,
    /// <summary>The overlay is mounted read-only.</summary>
    MountReadOnly,
    /// <summary>Lower and upper layer are mixed up.</summary>
    LayersSwapped,
    /// <summary>Directories of the store lie within one another.</summary>
    LayersOverlap,
    /// <summary>The upper layer is not there.</summary>
    UpperMissing,
    /// <summary>The upper layer is the root of a store, not a store directory.</summary>
    UpperIsStoreRoot,
    /// <summary>Another overlay writes to the same upper layer or work directory.</summary>
    UpperShared,
    /// <summary>The kernel's work directory is not there.</summary>
    WorkDirectoryMissing,
    /// <summary>The kernel's work directory holds what is not the kernel's.</summary>
    WorkDirectoryNotEmpty,
    /// <summary>The work directory lies within a layer, or a layer within it.</summary>
    WorkDirectoryOverlaps,
    /// <summary>Upper layer and work directory are on different file systems.</summary>
    WorkDirectoryOtherFileSystem,
    /// <summary>The directory of the lower store is not there.</summary>
    LowerMissing,
    /// <summary>The lower store has rows, but not a single path: its file system is probably not mounted.</summary>
    LowerEmpty,
    /// <summary>Names were added to the lower store or taken from it since the overlay was mounted.</summary>
    LowerChanged,
    /// <summary>The lower store is on a read-only mount, and the URL does not open it read-only.</summary>
    LowerNotReadOnly,
    /// <summary>A parent of a store directory is a symbolic link, which Nix refuses.</summary>
    SymbolicLinkInPath,
    /// <summary>An experimental feature of Nix is off that the store needs.</summary>
    FeatureDisabled,
    /// <summary>The store has no remount hook.</summary>
    RemountHookNone,
    /// <summary>The remount hook does not exist.</summary>
    RemountHookMissing,
    /// <summary>The remount hook cannot be run.</summary>
    RemountHookNotExecutable,
    /// <summary>A row of the lower store is only in its write-ahead log, where Nix does not see it with <c>read-only=true</c>.</summary>
    LowerRowInLog,
    /// <summary>The lower store has deleted a path, but only its write-ahead log says so; with <c>read-only=true</c> Nix believes in it still.</summary>
    LowerDeletionInLog,
    /// <summary>Files in the lower store that its database does not know.</summary>
    LowerFilesWithoutRow,
    /// <summary>A row of the lower store whose files are in no layer, or in the upper one only.</summary>
    LowerRowWithoutFiles,
    /// <summary>Files in the upper layer that no database knows.</summary>
    UpperFilesWithoutRow,
    /// <summary>A row of the overlay store whose files are in no layer.</summary>
    UpperRowWithoutFiles,
    /// <summary>The overlay shows something else than its layers have: it must be remounted.</summary>
    StaleEntry,
    /// <summary>A whiteout in the upper layer: a path of the lower store was deleted through the mount.</summary>
    Whiteout,
    /// <summary>A directory in the upper layer that hides the one below as a whole.</summary>
    OpaqueDirectory,
    /// <summary>Part of a path in the upper layer: what was changed of it through the mount.</summary>
    CopiedUpFragment,
    /// <summary>A path that both layers have.</summary>
    Duplicate,
    /// <summary>A path that both layers have, with different contents.</summary>
    DuplicateDiffers,
    /// <summary>Something could not be looked at.</summary>
    CheckFailed,
}
