using System.Runtime.InteropServices;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Trees;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Ledger;

/// <summary>Looks at the files of store objects without reading contents: one statx for each file. Not thread-safe: one for each worker.</summary>
internal sealed unsafe class TreeLooker : TreeWalker, IDisposable
{
    private readonly FileDescriptor _store;
    private readonly List<NixStoreException> _errors = [];
    private byte[] _path = new byte[1024];

    /// <summary>Opens a store directory.</summary>
    /// <exception cref="StoreIOException"/>
    internal TreeLooker(StoreLocation store)
    {
        _store = QuietDirectory.Open(store.RealDirectory);
        Metadata = new MetadataProblems(Archive.StoreOwner.Of(_store));
    }

    /// <summary>What was seen by the last look, sorted.</summary>
    internal TreeRecord Record { get; } = new();

    /// <summary>What of it has other metadata than Nix gives, extended attributes left out.</summary>
    internal MetadataProblems Metadata { get; }

    /// <summary>What could not be looked at.</summary>
    internal IReadOnlyList<NixStoreException> Errors => _errors;

    /// <summary>Looks at a store object; false when there is none.</summary>
    /// <exception cref="OperationCanceledException"/>
    internal bool Look(StorePath path, CancellationToken cancellation)
    {
        Record.Clear();
        Metadata.Clear();
        _errors.Clear();
        WalkTree(_store, ByteName.From(path.BaseName), cancellation);
        Record.Sort();
        return Record.Count > 0 || _errors is not [StoreIOException { ErrorNumber: Errno.NoEntry }];
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    /// <inheritdoc/>
    protected override void OnDirectory(int descriptor)
    {
        byte empty = 0;
        Ask(descriptor, &empty, Posix.AtEmptyPath, DirectoryPath, null);
    }

    /// <inheritdoc/>
    protected override void OnFile(int directory, byte* name, FileType type, ulong inode)
        => Ask(directory, name, Posix.AtSymlinkNoFollow, Depth == 0 ? default : PathOf(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)), name);

    /// <inheritdoc/>
    protected override void OnError(NixStoreException error) => _errors.Add(error);

    private void Ask(int directory, byte* name, int flags, ReadOnlySpan<byte> path, byte* described)
    {
        FileStatus status;
        if (Libc.Statx(directory, name, flags | Posix.AtStatxDontSync, Posix.StatxBasic, &status) < 0)
        {
            _errors.Add(Failed("stat", described));
            return;
        }

        Record.Add(path, status);
        Metadata.Check(path, status);
    }

    private ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> name)
    {
        var directory = DirectoryPath;
        var length = directory.IsEmpty ? 0 : directory.Length + 1;
        if (_path.Length < length + name.Length)
        {
            _path = new byte[(length + name.Length) * 2];
        }

        if (length > 0)
        {
            directory.CopyTo(_path);
            _path[length - 1] = (byte)'/';
        }

        name.CopyTo(_path.AsSpan(length));
        return _path.AsSpan(0, length + name.Length);
    }
}
