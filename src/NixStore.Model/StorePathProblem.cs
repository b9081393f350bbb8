namespace NixStore;

/// <summary>The kinds of problem that verification can find on a store path.</summary>
public enum StoreProblemKind
{
    /// <summary>The path does not exist on disk.</summary>
    Missing,
    /// <summary>The NAR hash differs from the registered one.</summary>
    HashMismatch,
    /// <summary>A file is empty; typical after a power loss.</summary>
    ZeroLength,
    /// <summary>A file is shorter than it should be.</summary>
    Truncated,
    /// <summary>A file is longer than it should be.</summary>
    Extended,
    /// <summary>A file of the right length has other bytes.</summary>
    BytesChanged,
    /// <summary>A file consists of NUL bytes; typical of delayed allocation after a crash.</summary>
    NulFilled,
    /// <summary>An entry is not there.</summary>
    MissingEntry,
    /// <summary>An entry is there that should not.</summary>
    ExtraEntry,
    /// <summary>An entry is of another type: file, directory, symbolic link.</summary>
    TypeChanged,
    /// <summary>A symbolic link points elsewhere.</summary>
    TargetChanged,
    /// <summary>A regular file lost or gained its executable bit, which is part of the contents.</summary>
    ExecutableChanged,
    /// <summary>The mode is not 0444, 0555 or, for directories, 0555.</summary>
    Mode,
    /// <summary>The owner or group is not the store's.</summary>
    Owner,
    /// <summary>The modification time is not 1 second after the epoch.</summary>
    ModificationTime,
    /// <summary>There are extended attributes or an access control list.</summary>
    ExtendedAttribute,
    /// <summary>Immutable or append-only (chattr +i, +a): collectors fail on it.</summary>
    Immutable,
    /// <summary>A fifo, socket or device, which a NAR cannot hold.</summary>
    UnsupportedType,
    /// <summary>Deeper, or with longer names, than current Nix accepts.</summary>
    LimitExceeded,
    /// <summary>Reading failed (EIO and the like).</summary>
    ReadError,
    /// <summary>Something vanished while it was read: a collector or another repair is at work.</summary>
    Vanished,
    /// <summary>A hard link to <c>.links</c> has other contents than its name says.</summary>
    LinkMismatch,
    /// <summary>The row's path is not a store path.</summary>
    RowPath,
    /// <summary>The row's hash cannot be parsed or is all zero.</summary>
    RowHash,
    /// <summary>The row's NAR size is missing or wrong.</summary>
    RowSize,
    /// <summary>The row's signatures cannot be parsed.</summary>
    RowSignature,
    /// <summary>The row's deriver cannot be parsed.</summary>
    RowDeriver,
    /// <summary>The row's content address cannot be parsed or does not give this path.</summary>
    RowContentAddress,
    /// <summary>A reference that the contents have is not in the database.</summary>
    RowReference,
    /// <summary>The row's registration time or another column is malformed.</summary>
    RowColumn,
    /// <summary>The database refers to a row that does not exist: work for the database doctor.</summary>
    DanglingReference,
    /// <summary>No signature by a trusted key, and no content address that vouches for it.</summary>
    Untrusted,
    /// <summary>On disk, not in the database.</summary>
    Unregistered,
}

/// <summary>One thing that is wrong with a store path.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="File">Relative path inside the store object (bytes that are no UTF-8 shown as \xNN); empty for the object itself.</param>
/// <param name="Expected">What should be, where it is known.</param>
/// <param name="Actual">What is.</param>
/// <param name="Detail">One sentence for people.</param>
public sealed record StorePathProblem(
    StoreProblemKind Kind, string File = "", string? Expected = null, string? Actual = null, string? Detail = null)
{
    /// <summary>True when Repair-StorePath has something to do about it.</summary>
    public bool IsRepairable => Kind is not (StoreProblemKind.Unregistered or StoreProblemKind.DanglingReference
        or StoreProblemKind.LimitExceeded or StoreProblemKind.Untrusted or StoreProblemKind.RowPath);

    /// <summary>The state that this problem alone puts a path into.</summary>
    public StorePathState State => Kind switch
    {
        StoreProblemKind.Missing => StorePathState.Missing,
        StoreProblemKind.Mode or StoreProblemKind.Owner or StoreProblemKind.ModificationTime or StoreProblemKind.ExtendedAttribute
            or StoreProblemKind.Immutable => StorePathState.Altered,
        StoreProblemKind.RowPath or StoreProblemKind.RowHash or StoreProblemKind.RowSize or StoreProblemKind.RowSignature
            or StoreProblemKind.RowDeriver or StoreProblemKind.RowContentAddress or StoreProblemKind.RowReference
            or StoreProblemKind.RowColumn or StoreProblemKind.DanglingReference => StorePathState.Malformed,
        StoreProblemKind.ReadError or StoreProblemKind.Vanished or StoreProblemKind.LimitExceeded => StorePathState.Unreadable,
        StoreProblemKind.Unregistered => StorePathState.Unregistered,
        StoreProblemKind.Untrusted => StorePathState.Valid,
        _ => StorePathState.Corrupt,
    };

    /// <inheritdoc/>
    public override string ToString()
        => (File.Length == 0 ? $"{Kind}" : $"{Kind}: {File}") + (Detail is null ? "" : $" ({Detail})");
}
