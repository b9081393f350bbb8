using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>Finds out, while a tree is hashed, whether its files are its own, so that they can be moved: none has a further hard link.</summary>
internal sealed class MovableTree : NarObserver
{
    /// <summary>True when all of it can be moved.</summary>
    internal bool IsMovable { get; private set; } = true;

    /// <inheritdoc/>
    public override void OnRegular(in NarFile file) => Look(file.Status);

    /// <inheritdoc/>
    public override void OnSymlink(in NarFile file, ReadOnlySpan<byte> target) => Look(file.Status);

    private void Look(in FileStatus status) => IsMovable &= status.LinkCount == 1;
}
