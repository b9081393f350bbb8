namespace NixStore.Engine.Archive;

/// <summary>
/// Looks at the files of a tree while <see cref="NarDumper"/> walks it: metadata that a NAR does not hold, or contents that are suspect.
/// Every file costs one more call for symbolic links and directories, none for regular files.
/// </summary>
public abstract class NarObserver
{
    /// <summary>A directory, before its entries.</summary>
    public virtual void OnDirectory(in NarFile file)
    {
    }

    /// <summary>A regular file, before its contents.</summary>
    public virtual void OnRegular(in NarFile file)
    {
    }

    /// <summary>The next piece of the contents of the file last given to <see cref="OnRegular"/>; not called for an empty one.</summary>
    public virtual void OnContents(ReadOnlySpan<byte> piece)
    {
    }

    /// <summary>The contents of a regular file are over.</summary>
    public virtual void OnRegularEnd(ReadOnlySpan<byte> relativePath)
    {
    }

    /// <summary>A symbolic link.</summary>
    public virtual void OnSymlink(in NarFile file, ReadOnlySpan<byte> target)
    {
    }
}
