using NixStore.Engine.Native;

namespace NixStore.Engine.Trees;

/// <summary>
/// Asks for the status of every file of a tree: one statx each, which does not wait for a server (AT_STATX_DONT_SYNC), and no allocation.
/// </summary>
/// <param name="visitor">Gets each status.</param>
/// <remarks>Not thread-safe: keep one for each worker.</remarks>
internal sealed unsafe class TreeStatWalker(ITreeVisitor visitor) : TreeWalker
{
    /// <summary>Walks what is at <paramref name="name"/> (NUL-terminated) in <paramref name="parent"/>.</summary>
    /// <exception cref="OperationCanceledException"/>
    internal void Walk(FileDescriptor parent, byte[] name, CancellationToken cancellation) => WalkTree(parent, name, cancellation);

    /// <inheritdoc/>
    protected override void OnDirectory(int descriptor)
    {
        byte empty = 0;
        Ask(descriptor, &empty, Posix.AtEmptyPath, null);
    }

    /// <inheritdoc/>
    protected override void OnFile(int directory, byte* name, FileType type, ulong inode) => Ask(directory, name, Posix.AtSymlinkNoFollow, name);

    /// <inheritdoc/>
    protected override void OnError(NixStoreException error) => visitor.Failed(error);

    private void Ask(int directory, byte* path, int flags, byte* name)
    {
        FileStatus status;
        if (Libc.Statx(directory, path, flags | Posix.AtStatxDontSync, Posix.StatxBasic, &status) == 0)
        {
            visitor.Visit(status);
        }
        else
        {
            visitor.Failed(Failed("stat", name));
        }
    }
}
