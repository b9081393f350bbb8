using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Rebuilding;

/// <summary>What a tree tells besides its archive, seen while it is hashed.</summary>
internal sealed class TreeFacts : NarObserver
{
    private FileStatus _root;
    private int _regularFiles;
    private int _filledFiles;

    /// <summary>What the path itself is.</summary>
    internal FileType Type => _root.Type;

    /// <summary>True for an executable file.</summary>
    internal bool IsExecutable => _root.IsExecutable;

    /// <summary>When the path itself was last changed in its metadata: nothing else is left of when it was registered.</summary>
    internal DateTimeOffset ChangeTime => _root.ChangeTime;

    /// <summary>
    /// True when at least one file has the mode or the time that Nix gives to all of them before it registers a path.
    /// </summary>
    internal bool WasCanonicalised { get; private set; }

    /// <summary>True when there are regular files, and nothing is in any of them.</summary>
    internal bool IsEmptied => _regularFiles > 0 && _filledFiles == 0;

    internal void Clear()
    {
        _root = default;
        _regularFiles = 0;
        _filledFiles = 0;
        WasCanonicalised = false;
    }

    /// <inheritdoc/>
    public override void OnDirectory(in NarFile file) => Look(file);

    /// <inheritdoc/>
    public override void OnRegular(in NarFile file)
    {
        _regularFiles++;
        if (file.Status.Size > 0)
        {
            _filledFiles++;
        }

        Look(file);
    }

    /// <inheritdoc/>
    public override void OnSymlink(in NarFile file, ReadOnlySpan<byte> target) => Look(file);

    private void Look(in NarFile file)
    {
        ref readonly var status = ref file.Status;
        if (file.RelativePath.IsEmpty)
        {
            _root = status;
        }

        // The mode of a symbolic link says nothing.
        WasCanonicalised |= status.ModificationSeconds == CanonicalMetadata.ModificationTime
            || (status.Type != FileType.SymbolicLink && status.Mode == CanonicalMetadata.ModeOf(status));
    }
}
