namespace NixStore.Engine.Archive;

/// <summary>A node in the table of contents of an archive.</summary>
public abstract record NarListingEntry
{
    private NarListingEntry()
    {
    }

    /// <summary>A directory, with its entries in byte order.</summary>
    public sealed record Directory(IReadOnlyDictionary<ByteString, NarListingEntry> Entries) : NarListingEntry;

    /// <summary>A regular file.</summary>
    /// <param name="Size">Its length.</param>
    /// <param name="IsExecutable">Its executable bit.</param>
    /// <param name="NarOffset">Where its contents begin in the archive; null when a listing does not say.</param>
    /// <param name="Sha256">Hash of its contents, when it was asked for.</param>
    public sealed record Regular(long Size, bool IsExecutable, long? NarOffset, NixHash? Sha256 = null) : NarListingEntry;

    /// <summary>A symbolic link.</summary>
    public sealed record Link(ByteString Target) : NarListingEntry;
}
