namespace NixStore.Engine.Trees;

/// <summary>A file with several hard links, as one of them was seen.</summary>
/// <param name="Inode">Its number; all of a store are on one file system.</param>
/// <param name="LinkCount">Number of its links.</param>
/// <param name="AllocatedBytes">Bytes of disk space, free when the last link goes.</param>
public readonly record struct SharedInode(ulong Inode, int LinkCount, long AllocatedBytes);
