namespace NixStore.Engine.Archive;

/// <summary>
/// A stream that is no acceptable NAR. <c>ErrorId</c> is one of NarBadMagic, NarTruncated, NarCorrupt (a tag, length or padding is
/// wrong), NarInvalidName, NarUnsorted (names not strictly ascending), NarInvalidTarget, NarTooDeep, NarTrailingData.
/// </summary>
public sealed class NarFormatException : NixStoreException
{
    internal NarFormatException(string errorId, string reason, long offset)
        : base(errorId, StoreErrorKind.InvalidData, $"The archive is not acceptable: {reason} (at byte {offset}).")
    {
        Reason = reason;
        Offset = offset;
    }

    /// <summary>What is wrong, a phrase.</summary>
    public string Reason { get; }

    /// <summary>Where in the archive.</summary>
    public long Offset { get; }
}
