using System.Runtime.InteropServices;
using NixStore.Engine.Native;

namespace NixStore.Engine.Archive;

/// <summary>
/// Writes the archive of a file tree to a sink. Symbolic links are never followed, access times are left alone where the kernel allows.
/// A regular file costs openat, statx, read and close, and no allocation.
/// </summary>
/// <param name="limits">How deep the tree may be; <see cref="NarLimits.Existing"/> by default.</param>
/// <remarks>Not thread-safe, but made to be used for one tree after another: keep one for each worker.</remarks>
public sealed unsafe partial class NarDumper(NarLimits? limits = null)
{
    private const int CancellationInterval = 64;

    private readonly NarLimits _limits = limits ?? NarLimits.Existing;
    private readonly DirectoryArena _arena = new();
    private readonly byte[] _target = GC.AllocateUninitializedArray<byte>(4096, pinned: true);
    private Frame[] _frames = new Frame[64];
    private int _depth;
    private byte[] _path = new byte[1024];
    private int _pathLength;

    // O_NOATIME belongs to the owner of a file and to root; after the first refusal it is not asked for again.
    private int _noAccessTime = OpenFlags.NoAccessTime;

    private FileDescriptor _parent = FileDescriptor.WorkingDirectory;
    private byte[] _rootName = [0];
    private NarWriter _writer = null!;
    private NarSink _sink = null!;
    private NarObserver? _observer;
    private NarSubstitutions? _substitutions;

    /// <summary>Archives what is at <paramref name="name"/> in <paramref name="parent"/>.</summary>
    /// <param name="parent">An open directory.</param>
    /// <param name="name">NUL-terminated name (or path) of the root of the tree.</param>
    /// <param name="sink">Gets the archive; it is not flushed at the end.</param>
    /// <param name="observer">Looks at every file.</param>
    /// <param name="substitutions">Changes that are tried out.</param>
    /// <param name="cancellation">Looked at between files and between large blocks.</param>
    /// <exception cref="NarTreeException">See there for the ids.</exception>
    /// <exception cref="StoreIOException">A system call failed; the message names the file.</exception>
    /// <exception cref="OperationCanceledException"/>
    public void Dump(
        FileDescriptor parent, ReadOnlySpan<byte> name, NarSink sink, NarObserver? observer = null,
        NarSubstitutions? substitutions = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(name.Length > 0 && name[^1] == 0, true, nameof(name));
        (_parent, _rootName, _sink, _observer, _substitutions) = (parent, name.ToArray(), sink, observer, substitutions);
        if (_writer?.Sink != sink)
        {
            _writer = new NarWriter(sink);
        }

        _arena.Clear();
        _pathLength = 0;
        try
        {
            _writer.Begin();
            fixed (byte* root = _rootName)
            {
                Node(parent.Number, root, FileType.Unknown, substitutions?.Root, cancellation);
            }

            Walk(cancellation);
        }
        finally
        {
            while (_depth > 0)
            {
                _ = Libc.Close(_frames[--_depth].Descriptor);
            }

            GC.KeepAlive(parent);
        }
    }

    private void Walk(CancellationToken cancellation)
    {
        for (var files = 0; _depth > 0; files++)
        {
            if (files % CancellationInterval == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            ref var frame = ref _frames[_depth - 1];
            _pathLength = frame.PathLength;
            if (frame.Next == frame.End)
            {
                _ = Libc.Close(frame.Descriptor);
                _arena.Truncate(frame.Begin, frame.NamesMark);
                _depth--;
                _writer.EndDirectory();
                if (_depth > 0)
                {
                    _writer.EndEntry();
                }

                continue;
            }

            ref readonly var entry = ref _arena[frame.Next++];
            AppendToPath(_arena.Name(entry));
            _writer.BeginEntry(_arena.Name(entry));
            if (!Node(frame.Descriptor, _arena.Pointer(entry), entry.Type, entry.Replacement, cancellation))
            {
                _writer.EndEntry();
            }
        }
    }

    /// <summary>Writes one node; true when it is a directory, which then is on the stack and still open.</summary>
    private bool Node(int directory, byte* name, FileType type, NarReplacement? replacement, CancellationToken cancellation)
    {
        if (_depth >= _limits.MaximumDepth)
        {
            throw Bad("TreeTooDeep", StoreErrorKind.NotSupported, $"is nested deeper than {_limits.MaximumDepth} directories");
        }

        switch (replacement)
        {
            case NarReplacement.OpenFile file:
                CopyOpenFile(file, cancellation);
                return false;
            case NarReplacement.Contents contents:
                _writer.Regular(contents.IsExecutable, contents.Bytes.Span);
                return false;
            case NarReplacement.Link link:
                _writer.Symlink(link.Target.Span);
                return false;
            case NarReplacement.EmptyDirectory:
                _writer.BeginDirectory();
                _writer.EndDirectory();
                return false;
            case NarReplacement.Tree tree:
                fixed (byte* other = tree.Name)
                {
                    return Node(tree.Directory.Number, other, FileType.Unknown, null, cancellation);
                }
        }

        FileStatus status;
        if (type == FileType.Unknown)
        {
            // The root, or a file system that gives no types. Never opened blindly: opening a device can have effects.
            if (Libc.Statx(directory, name, Posix.AtSymlinkNoFollow, Posix.StatxBasic, &status) < 0)
            {
                throw Failed("stat");
            }

            type = status.Type;
        }

        switch (type)
        {
            case FileType.Regular:
                Regular(directory, name, replacement as NarReplacement.ExecutableBit, cancellation);
                return false;
            case FileType.Directory:
                Directory(directory, name);
                return true;
            case FileType.SymbolicLink:
                Symlink(directory, name);
                return false;
            default:
                throw Bad("UnsupportedFileType", StoreErrorKind.InvalidData, type switch
                {
                    FileType.Fifo => "is a named pipe, which no store object may contain",
                    FileType.Socket => "is a socket, which no store object may contain",
                    _ => "is a device, which no store object may contain",
                });
        }
    }

    private void Directory(int directory, byte* name)
    {
        var descriptor = Open(directory, name, OpenFlags.NoFollow | OpenFlags.Directory);
        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, _depth * 2);
        }

        var begin = _arena.Count;
        _frames[_depth++] = new Frame { Descriptor = descriptor, Begin = begin, Next = begin, NamesMark = _arena.NamesUsed, PathLength = _pathLength };
        if (_observer is not null)
        {
            FileStatus status;
            GetStatus(descriptor, &status, FileType.Directory);
            _observer.OnDirectory(new NarFile(_path.AsSpan(0, _pathLength), status, descriptor, directory, default));
        }

        if (!_arena.TryAddAll(descriptor))
        {
            throw Failed("list");
        }

        if (_substitutions?.In(_path.AsSpan(0, _pathLength)) is { } changes)
        {
            Substitute(changes, begin);
        }

        _arena.Sort(begin);
        _frames[_depth - 1].End = _arena.Count;
        _writer.BeginDirectory();
    }

    private void Substitute(List<KeyValuePair<byte[], NarReplacement>> changes, int begin)
    {
        foreach (var (terminated, replacement) in changes)
        {
            var name = ByteName.Trim(terminated);
            var index = _arena.Find(begin, name);
            var type = index >= 0 ? _arena[index].Type : FileType.Unknown;
            if (index >= 0)
            {
                _arena.RemoveAt(index);
            }

            if (replacement is not NarReplacement.Absent)
            {
                _arena.Add(name, type, replacement);
            }
        }
    }

    private void AppendToPath(ReadOnlySpan<byte> name)
    {
        if (_path.Length < _pathLength + 1 + name.Length)
        {
            Array.Resize(ref _path, Math.Max(_path.Length * 2, _pathLength + 1 + name.Length));
        }

        if (_pathLength > 0)
        {
            _path[_pathLength++] = (byte)'/';
        }

        name.CopyTo(_path.AsSpan(_pathLength));
        _pathLength += name.Length;
    }

    private string FullPath() => _pathLength == 0
        ? _parent.Combine(_rootName) : $"{_parent.Combine(_rootName)}/{ByteName.ToDisplay(_path.AsSpan(0, _pathLength))}";

    private NixStoreException Failed(string operation)
    {
        var error = Marshal.GetLastPInvokeError();
        return error == Errno.NoEntry && _pathLength > 0
            ? Bad("FileVanished", StoreErrorKind.Busy, "vanished while its directory was read")
            : new StoreIOException(operation, FullPath(), error);
    }

    private NarTreeException Bad(string errorId, StoreErrorKind kind, string reason)
        => new(errorId, kind, FullPath(), new ByteString(_path.AsSpan(0, _pathLength)), reason);

    /// <summary>An open directory: its entries in the arena, and what to cut the arena and the path back to.</summary>
    private struct Frame
    {
        internal int Descriptor;
        internal int Begin;
        internal int End;
        internal int Next;
        internal int NamesMark;
        internal int PathLength;
    }
}
