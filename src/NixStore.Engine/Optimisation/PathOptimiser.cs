using System.Runtime.InteropServices;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Optimisation;

/// <summary>
/// Walks through store objects and names every file that has no link yet by the hash of its contents (Nix
/// libstore/optimise-store.cc:optimisePath_). A file that has one costs nothing but the look at the inode number in its directory entry; any
/// other costs openat, statx, read and close, and no allocation.
/// </summary>
internal abstract unsafe class PathOptimiser : TreeWalker, IDisposable
{
    private const int OwnerMayWrite = 0b010_000_000;
    private const int LongestTarget = 4096;

    private readonly FileHasher _hasher = new();
    private readonly byte[] _target = GC.AllocateUninitializedArray<byte>(LongestTarget, pinned: true);
    private readonly long _minimumSize;
    private readonly Action<NixStoreException> _failed;
    private int _noAccessTime = OpenFlags.NoAccessTime;

    /// <summary>Prepares.</summary>
    /// <param name="links">The links of the store; shared by all workers.</param>
    /// <param name="minimumSize">Files shorter than this are left alone.</param>
    /// <param name="failed">Told what goes wrong with a file. From this worker's thread.</param>
    protected PathOptimiser(LinksDirectory links, long minimumSize, Action<NixStoreException> failed)
    {
        Links = links;
        _minimumSize = minimumSize;
        _failed = failed;
    }

    /// <summary>What was done so far.</summary>
    internal OptimisationCounts Counts { get; } = new();

    /// <summary>The links of the store.</summary>
    protected LinksDirectory Links { get; }

    /// <summary>The name that the file at hand has to have in <c>.links</c>.</summary>
    protected LinkName Link { get; } = new();

    /// <summary>The hash that it is named by.</summary>
    protected ReadOnlySpan<byte> Digest => _hasher.Digest;

    /// <summary>The full path of that name, for messages.</summary>
    protected string LinkPath => $"{Links.Store.Combine(".links"u8)}/{ByteName.ToDisplay(Link.Digits)}";

    /// <summary>Proves links.</summary>
    protected LinkProof Proof { get; } = new();

    /// <summary>Ends the work.</summary>
    protected CancellationToken Cancellation { get; private set; }

    /// <summary>Walks through an object of the store.</summary>
    /// <param name="name">Its base name, NUL-terminated.</param>
    /// <param name="cancellation">Ends the work between two files, or two blocks of a large one.</param>
    /// <exception cref="OperationCanceledException"/>
    internal void Optimise(byte[] name, CancellationToken cancellation)
    {
        Cancellation = cancellation;
        WalkTree(Links.Store, name, cancellation);
        Counts.Paths++;
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        Proof.Dispose();
        _hasher.Dispose();
    }

    /// <summary>A file without a link; <see cref="Link"/> is the name it has to have.</summary>
    protected abstract void OnHashed(int directory, byte* name, in FileStatus status);

    /// <inheritdoc/>
    protected sealed override void OnFile(int directory, byte* name, FileType type, ulong inode)
    {
        Counts.Examined++;
        if (Links.Inodes.Contains(inode))
        {
            return;
        }

        switch (type)
        {
            case FileType.Regular:
                Regular(directory, name);
                break;
            case FileType.SymbolicLink:
                Symlink(directory, name);
                break;
            default:
                Skip(OptimisationErrors.UnsupportedFileType(Describe(name), type));
                break;
        }
    }

    /// <inheritdoc/>
    protected sealed override void OnError(NixStoreException error) => _failed(error);

    /// <summary>Leaves a file as it is and says why.</summary>
    protected void Skip(NixStoreException error)
    {
        Counts.Skipped++;
        _failed(error);
    }

    /// <summary>Says what is wrong with a link.</summary>
    protected void ReportBadLink(long others, bool isMended)
    {
        Counts.BadLinks++;
        Counts.BadLinksMended += isMended ? 1 : 0;
        _failed(OptimisationErrors.LinkCorrupt(LinkPath, others, isMended));
    }

    private void Regular(int directory, byte* name)
    {
        FileStatus status;
        if (_minimumSize > 0 && Libc.Statx(directory, name, Posix.AtSymlinkNoFollow, Posix.StatxBasic, &status) == 0 && status.Size < _minimumSize)
        {
            return;
        }

        var descriptor = Open(directory, name);
        if (descriptor < 0)
        {
            Skip(Failed("open", name));
            return;
        }

        int error;
        try
        {
            byte empty = 0;
            if (Libc.Statx(descriptor, &empty, Posix.AtEmptyPath, Posix.StatxBasic, &status) < 0)
            {
                Skip(Failed("stat", name));
                return;
            }

            if (status.Type != FileType.Regular)
            {
                Skip(OptimisationErrors.FileChanged(Describe(name)));
                return;
            }

            if ((status.Mode & OwnerMayWrite) != 0)
            {
                Skip(OptimisationErrors.FileWritable(Describe(name)));
                return;
            }

            error = _hasher.HashRegular(descriptor, status, Cancellation);
        }
        finally
        {
            _ = Libc.Close(descriptor);
        }

        if (error != 0)
        {
            Skip(error == FileHasher.Shortened ? OptimisationErrors.FileChanged(Describe(name)) : new StoreIOException("read", Describe(name), error));
            return;
        }

        Link.Set(_hasher.Digest);
        OnHashed(directory, name, status);
    }

    private void Symlink(int directory, byte* name)
    {
        FileStatus status;
        var length = (int)Libc.ReadLinkAt(directory, name, (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_target, 0), LongestTarget);
        if (length < 0 || Libc.Statx(directory, name, Posix.AtSymlinkNoFollow, Posix.StatxBasic, &status) < 0)
        {
            Skip(Failed("read the link", name));
            return;
        }

        if (length >= _minimumSize)
        {
            _hasher.HashSymlink(_target.AsSpan(0, length));
            Link.Set(_hasher.Digest);
            OnHashed(directory, name, status);
        }
    }

    private int Open(int directory, byte* name)
    {
        for (; ; )
        {
            // Not blocking: should it have become a fifo since the directory was read, it must not hang us.
            var descriptor = Libc.OpenAt(directory, name, OpenFlags.NoFollow | OpenFlags.NonBlocking | OpenFlags.CloseOnExec | _noAccessTime, 0);
            if (descriptor >= 0)
            {
                return descriptor;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.Interrupted:
                    continue;
                case Errno.NotPermitted when _noAccessTime != 0:
                    _noAccessTime = 0;
                    continue;
                default:
                    return descriptor;
            }
        }
    }
}
