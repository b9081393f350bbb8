namespace NixStore.Engine.Archive;

/// <summary>
/// A file tree that cannot be archived as it is. <c>ErrorId</c> is one of UnsupportedFileType (fifo, socket, device, overlay whiteout),
/// FileVanished and FileChanged (something else is writing there), TreeTooDeep.
/// </summary>
public sealed class NarTreeException : NixStoreException
{
    internal NarTreeException(string errorId, StoreErrorKind kind, string path, ByteString relativePath, string reason)
        : base(errorId, kind, $"'{path}' {reason}.", path) => RelativePath = relativePath;

    /// <summary>The file in the tree, relative to its root; empty for the root itself.</summary>
    public ByteString RelativePath { get; }
}
