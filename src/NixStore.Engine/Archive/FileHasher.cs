using System.Runtime.InteropServices;
using NixStore.Engine.Native;

namespace NixStore.Engine.Archive;

/// <summary>
/// Hashes single files as archives of their own, which is what entries of <c>.links</c> are named by (Nix libstore/optimise-store.cc).
/// One file after another without an allocation. Not thread-safe: keep one for each worker.
/// </summary>
internal sealed unsafe class FileHasher : IDisposable
{
    /// <summary>Instead of errno: the file became shorter while it was read.</summary>
    internal const int Shortened = -1;

    private readonly HashSink _sink = new();
    private readonly NarWriter _writer;
    private readonly byte[] _digest = new byte[NixHash.DigestLength(NixHashAlgorithm.Sha256)];

    internal FileHasher() => _writer = new NarWriter(_sink);

    /// <summary>The last hash.</summary>
    internal ReadOnlySpan<byte> Digest => _digest;

    /// <summary>Hashes an open regular file from its current position, which is its beginning.</summary>
    /// <returns>0, errno of the read that failed, or <see cref="Shortened"/>.</returns>
    /// <exception cref="OperationCanceledException"/>
    internal int HashRegular(int descriptor, in FileStatus status, CancellationToken cancellation)
    {
        _sink.Reset();
        _writer.Begin();
        var size = status.Size;
        _writer.BeginRegular(status.IsExecutable, size);
        if (size >= NarSink.BufferSize)
        {
            _sink.Flush();
            _ = Libc.Fadvise(descriptor, 0, 0, 2);
        }

        for (var left = size; left > 0;)
        {
            var room = _sink.GetSpan((int)Math.Min(left, NarSink.BufferSize));
            nint count;
            fixed (byte* buffer = room)
            {
                count = Libc.Read(descriptor, buffer, (nint)Math.Min(left, room.Length));
            }

            if (count <= 0)
            {
                var error = count == 0 ? Shortened : Marshal.GetLastPInvokeError();
                if (error == Errno.Interrupted)
                {
                    continue;
                }

                return error;
            }

            _sink.Advance((int)count);
            left -= count;
            if (left > 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }
        }

        _writer.EndRegular(size);
        _sink.Finish(_digest);
        return 0;
    }

    /// <summary>Hashes a symbolic link.</summary>
    internal void HashSymlink(ReadOnlySpan<byte> target)
    {
        _sink.Reset();
        _writer.Begin();
        _writer.Symlink(target);
        _sink.Finish(_digest);
    }

    /// <inheritdoc/>
    public void Dispose() => _sink.Dispose();
}
