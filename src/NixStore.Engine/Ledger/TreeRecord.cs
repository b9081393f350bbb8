using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Ledger;

/// <summary>
/// The files of one store object, directories and its root included, by the bytes of their paths below it. Made to be filled again and again:
/// nothing is allocated once its arrays are large enough. Not thread-safe.
/// </summary>
internal sealed class TreeRecord
{
    private byte[] _paths = new byte[1024];
    private int _pathsUsed;
    private RecordedFile[] _files = new RecordedFile[32];
    private readonly IComparer<RecordedFile> _byPath;

    internal TreeRecord() => _byPath = Comparer<RecordedFile>.Create((one, other) => PathOf(one).SequenceCompareTo(PathOf(other)));

    /// <summary>Number of files.</summary>
    internal int Count { get; private set; }

    /// <summary>The files; sorted once <see cref="Sort"/> was called.</summary>
    internal ReadOnlySpan<RecordedFile> Files => _files.AsSpan(0, Count);

    /// <summary>The path of a file below the root; empty for the root.</summary>
    internal ReadOnlySpan<byte> PathOf(in RecordedFile file) => _paths.AsSpan(file.PathOffset, file.PathLength);

    internal void Clear() => (Count, _pathsUsed) = (0, 0);

    /// <summary>Adds a file of which only the path is given yet; the result is valid until the next call.</summary>
    internal ref RecordedFile Add(ReadOnlySpan<byte> path)
    {
        if (_paths.Length - _pathsUsed < path.Length)
        {
            Array.Resize(ref _paths, Math.Max(_paths.Length * 2, _pathsUsed + path.Length));
        }

        if (Count == _files.Length)
        {
            Array.Resize(ref _files, Count * 2);
        }

        path.CopyTo(_paths.AsSpan(_pathsUsed));
        ref var file = ref _files[Count++];
        file = new RecordedFile { PathOffset = _pathsUsed, PathLength = path.Length };
        _pathsUsed += path.Length;
        return ref file;
    }

    /// <summary>Adds a file with its status.</summary>
    internal void Add(ReadOnlySpan<byte> path, in FileStatus status)
    {
        ref var file = ref Add(path);
        file.Type = status.Type;
        file.IsExecutable = status.Type == FileType.Regular && status.IsExecutable;
        file.IsShared = status.Type != FileType.Directory && status.LinkCount > 1;
        file.Inode = status.Inode;
        file.Size = status.Type == FileType.Directory ? 0 : status.Size;
        file.Modified = status.ModificationTime.UtcTicks;
        file.Changed = file.IsShared ? 0 : status.ChangeTime.UtcTicks;
    }

    /// <summary>Notes the hash of the file that was added last.</summary>
    internal void SetHash(UInt128 hash) => _files[Count - 1].Hash = hash;

    /// <summary>Brings the files into the order in which records are kept and compared.</summary>
    internal void Sort() => Array.Sort(_files, 0, Count, _byPath);

    /// <summary>The size of the archive of these files; null when one of them cannot be in any.</summary>
    internal long? ComputeNarSize()
    {
        var size = NarSizes.Beginning;
        foreach (ref readonly var file in Files)
        {
            var path = PathOf(file);
            switch (file.Type)
            {
                case FileType.Directory:
                    size += NarSizes.Directory;
                    break;
                case FileType.Regular:
                    size += NarSizes.Regular(file.IsExecutable, file.Size);
                    break;
                case FileType.SymbolicLink:
                    size += NarSizes.Symlink(file.Size);
                    break;
                default:
                    return null;
            }

            if (!path.IsEmpty)
            {
                size += NarSizes.Entry(path.Length - 1 - path.LastIndexOf((byte)'/'));
            }
        }

        return size;
    }
}
