namespace NixStore.Engine.Archive;

/// <summary>Two observers of the same reading.</summary>
/// <param name="first">Sees everything first.</param>
/// <param name="second">Sees it next.</param>
internal sealed class NarObserverPair(NarObserver first, NarObserver second) : NarObserver
{
    /// <inheritdoc/>
    public override void OnDirectory(in NarFile file)
    {
        first.OnDirectory(file);
        second.OnDirectory(file);
    }

    /// <inheritdoc/>
    public override void OnRegular(in NarFile file)
    {
        first.OnRegular(file);
        second.OnRegular(file);
    }

    /// <inheritdoc/>
    public override void OnContents(ReadOnlySpan<byte> piece)
    {
        first.OnContents(piece);
        second.OnContents(piece);
    }

    /// <inheritdoc/>
    public override void OnRegularEnd(ReadOnlySpan<byte> relativePath)
    {
        first.OnRegularEnd(relativePath);
        second.OnRegularEnd(relativePath);
    }

    /// <inheritdoc/>
    public override void OnSymlink(in NarFile file, ReadOnlySpan<byte> target)
    {
        first.OnSymlink(file, target);
        second.OnSymlink(file, target);
    }
}
