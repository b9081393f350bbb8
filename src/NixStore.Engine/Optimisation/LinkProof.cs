using System.Runtime.InteropServices;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Optimisation;

/// <summary>
/// Proves by reading it that a link holds what its name says. Real Nix believes one of the right size, and so spreads a damaged one to all
/// good files of that name (NIX-ON-DAMAGE, case i6). Not thread-safe: one for each worker.
/// </summary>
internal sealed unsafe class LinkProof : IDisposable
{
    private readonly FileHasher _hasher = new();
    private readonly LinkName _name = new();
    private readonly byte[] _target = GC.AllocateUninitializedArray<byte>(4096, pinned: true);

    /// <summary>True when what is at <paramref name="file"/> in <paramref name="directory"/> is what <paramref name="name"/> (no NUL) says.</summary>
    /// <exception cref="StoreIOException">It cannot be read.</exception>
    /// <exception cref="OperationCanceledException"/>
    internal bool Holds(FileDescriptor directory, byte* file, in FileStatus status, ReadOnlySpan<byte> name, CancellationToken cancellation)
    {
        var isHashed = status.Type switch
        {
            FileType.Regular => HashRegular(directory, file, cancellation),
            FileType.SymbolicLink => HashSymlink(directory, file),
            _ => false,
        };
        if (!isHashed)
        {
            return false;
        }

        _name.Set(_hasher.Digest);
        return _name.IsSame(name);
    }

    /// <inheritdoc/>
    public void Dispose() => _hasher.Dispose();

    private bool HashRegular(FileDescriptor directory, byte* file, CancellationToken cancellation)
    {
        var terminated = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(file);
        using var descriptor = Posix.OpenAt(directory, new ReadOnlySpan<byte>(file, terminated.Length + 1),
            OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking | OpenFlags.NoAccessTime);
        var error = _hasher.HashRegular(descriptor.Number, Posix.Status(descriptor), cancellation);
        return error > 0 ? throw new StoreIOException("read", descriptor.Path, error) : error == 0;
    }

    private bool HashSymlink(FileDescriptor directory, byte* file)
    {
        var length = (int)Libc.ReadLinkAt(directory.Number, file, (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_target, 0), _target.Length);
        if (length < 0)
        {
            throw new StoreIOException("read the link", directory.Combine(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(file)), Marshal.GetLastPInvokeError());
        }

        _hasher.HashSymlink(_target.AsSpan(0, length));
        return true;
    }
}
