using NixStore.Engine.Native;

namespace NixStore.Engine.Ledger;

/// <summary>One file of a store object as it was seen: what tells whether it is still the same, and what its contents were.</summary>
internal struct RecordedFile
{
    internal int PathOffset;
    internal int PathLength;
    internal FileType Type;
    internal bool IsExecutable;

    /// <summary>It has further names. Its change time then changes whenever another path comes to share it, or ceases to, and says nothing.</summary>
    internal bool IsShared;

    internal ulong Inode;

    /// <summary>Bytes; of a symbolic link those of its target; 0 of a directory.</summary>
    internal long Size;

    /// <summary>Modification time, in units of 100 ns as <see cref="DateTime.Ticks"/> are.</summary>
    internal long Modified;

    /// <summary>Change time, likewise; 0 of a shared file.</summary>
    internal long Changed;

    /// <summary>XxHash128 of the contents, or of the target; 0 while nobody has read it.</summary>
    internal UInt128 Hash;

    /// <summary>True for what has contents: files and symbolic links.</summary>
    internal readonly bool HasContents => Type is FileType.Regular or FileType.SymbolicLink;
}
