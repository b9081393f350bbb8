using NixStore.Engine.Native;

namespace NixStore.Engine.Repair;

/// <summary>One atomic step that brings a tree nearer to what it should be.</summary>
/// <param name="Path">Relative path in the store object; empty for the object itself.</param>
internal abstract record TreeChange(ByteString Path)
{
    /// <summary>Puts a staged entry where nothing is.</summary>
    internal sealed record Create(ByteString Path, byte[] Staged) : TreeChange(Path);

    /// <summary>Exchanges what is there with a staged entry.</summary>
    /// <param name="Path">Which.</param>
    /// <param name="Staged">Name in the staging directory.</param>
    /// <param name="Old">What is there now; a shared inode is to be replaced everywhere.</param>
    internal sealed record Replace(ByteString Path, byte[] Staged, FileStatus Old) : TreeChange(Path);

    /// <summary>Moves an entry out.</summary>
    internal sealed record Remove(ByteString Path) : TreeChange(Path);

    /// <summary>Sets or clears the executable bit of a regular file.</summary>
    internal sealed record SetMode(ByteString Path, bool IsExecutable) : TreeChange(Path);
}

/// <summary>The steps for one tree; what is staged for them is in the staging directory.</summary>
/// <param name="Changes">In the order of application.</param>
/// <param name="BytesWritten">Bytes of contents that were staged.</param>
/// <param name="BytesRead">Bytes of the archive that was read for them.</param>
internal sealed record TreePatch(IReadOnlyList<TreeChange> Changes, long BytesWritten, long BytesRead);
