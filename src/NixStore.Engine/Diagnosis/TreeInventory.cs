using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Diagnosis;

/// <summary>One entry of a tree, with what makes it suspect.</summary>
internal sealed record TreeEntry(ByteString Path, FileStatus Status, bool IsNulFilled)
{
    /// <summary>True when mode or time say that something else than Nix wrote it.</summary>
    internal bool LooksForeign => Status.ModificationSeconds != CanonicalMetadata.ModificationTime
        || (Status.Type != FileType.SymbolicLink && Status.Mode != CanonicalMetadata.ModeOf(Status));
}

/// <summary>Collects the entries of a tree and looks at the contents for NUL bytes; for damaged paths only, it allocates for each file.</summary>
internal sealed class TreeInventory : NarObserver
{
    private readonly List<TreeEntry> _entries = [];
    private FileStatus _status;
    private bool _allNul;

    internal IReadOnlyList<TreeEntry> Entries => _entries;

    /// <inheritdoc/>
    public override void OnDirectory(in NarFile file) => Add(file);

    /// <inheritdoc/>
    public override void OnRegular(in NarFile file)
    {
        _status = file.Status;
        _allNul = file.Status.Size > 0;
    }

    /// <inheritdoc/>
    public override void OnContents(ReadOnlySpan<byte> piece) => _allNul = _allNul && !piece.ContainsAnyExcept((byte)0);

    /// <inheritdoc/>
    public override void OnRegularEnd(ReadOnlySpan<byte> relativePath)
        => _entries.Add(new TreeEntry(new ByteString(relativePath), _status, _allNul));

    /// <inheritdoc/>
    public override void OnSymlink(in NarFile file, ReadOnlySpan<byte> target) => Add(file);

    private void Add(in NarFile file) => _entries.Add(new TreeEntry(new ByteString(file.RelativePath), file.Status, false));
}
