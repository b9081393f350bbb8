using NixStore.Engine.Native;

namespace NixStore.Engine.Optimisation;

/// <summary>What of a file's status decides whether it may stand for another file of the same contents.</summary>
internal readonly record struct LinkIdentity(ulong Inode, uint Owner, uint Group, int Mode, long ModificationSeconds)
{
    /// <summary>Of a file; symbolic links have no mode of their own.</summary>
    internal static LinkIdentity Of(in FileStatus status) => new(
        status.Inode, status.Owner, status.Group, status.Type == FileType.SymbolicLink ? 0 : status.Mode, status.ModificationSeconds);

    /// <summary>True when both have the same metadata.</summary>
    internal bool HasMetadataOf(in LinkIdentity other) => this == other with { Inode = Inode };
}
