using System.Runtime.InteropServices;
using NixStore.Engine.Native;

namespace NixStore.Engine.Archive;

/// <content>What is done for one regular file or symbolic link.</content>
public sealed unsafe partial class NarDumper
{
    private void Regular(int directory, byte* name, NarReplacement.ExecutableBit? bit, CancellationToken cancellation)
    {
        // Not blocking: should it have become a fifo since the directory was read, it must not hang us.
        var descriptor = Open(directory, name, OpenFlags.NoFollow | OpenFlags.NonBlocking);
        try
        {
            FileStatus status;
            GetStatus(descriptor, &status, FileType.Regular);
            _observer?.OnRegular(new NarFile(_path.AsSpan(0, _pathLength), status, descriptor, directory, default));
            var size = status.Size;
            _writer.BeginRegular(bit?.IsExecutable ?? status.IsExecutable, size);
            if (size >= NarSink.BufferSize)
            {
                // So that each read fills the whole buffer.
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

                left -= Took(count, room);
                if (left > 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                }
            }

            _writer.EndRegular(size);
            _observer?.OnRegularEnd(_path.AsSpan(0, _pathLength));
        }
        finally
        {
            _ = Libc.Close(descriptor);
        }
    }

    private void CopyOpenFile(NarReplacement.OpenFile file, CancellationToken cancellation)
    {
        var size = Posix.Status(file.Source).Size;
        _writer.BeginRegular(file.IsExecutable, size);
        for (long done = 0; done < size;)
        {
            var room = _sink.GetSpan();
            var count = Posix.Pread(file.Source, room[..(int)Math.Min(size - done, room.Length)], done);
            done += Took(count, default);
            cancellation.ThrowIfCancellationRequested();
        }

        _writer.EndRegular(size);
    }

    /// <summary>Accounts for what a read returned.</summary>
    private nint Took(nint count, ReadOnlySpan<byte> room)
    {
        if (count <= 0)
        {
            if (count < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted)
            {
                return 0;
            }

            throw count < 0 ? Failed("read") : Bad("FileChanged", StoreErrorKind.Busy, "became shorter while it was read");
        }

        if (_observer is not null && !room.IsEmpty)
        {
            _observer.OnContents(room[..(int)count]);
        }

        _sink.Advance((int)count);
        return count;
    }

    private void Symlink(int directory, byte* name)
    {
        var length = (int)Libc.ReadLinkAt(directory, name, (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_target, 0), _target.Length);
        if (length < 0)
        {
            throw Failed("read the link");
        }

        if (_observer is not null)
        {
            FileStatus status;
            if (Libc.Statx(directory, name, Posix.AtSymlinkNoFollow, Posix.StatxBasic, &status) < 0)
            {
                throw Failed("stat");
            }

            var terminated = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
            _observer.OnSymlink(new NarFile(_path.AsSpan(0, _pathLength), status, -1, directory, terminated), _target.AsSpan(0, length));
        }

        _writer.Symlink(_target.AsSpan(0, length));
    }

    private int Open(int directory, byte* name, int flags)
    {
        for (; ; )
        {
            var descriptor = Libc.OpenAt(directory, name, flags | _noAccessTime | OpenFlags.CloseOnExec, 0);
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
                case Errno.Loop or Errno.NotDirectory:
                    throw Bad("FileChanged", StoreErrorKind.Busy, "became something else while its directory was read");
                default:
                    throw Failed("open");
            }
        }
    }

    private void GetStatus(int descriptor, FileStatus* status, FileType expected)
    {
        byte empty = 0;
        if (Libc.Statx(descriptor, &empty, Posix.AtEmptyPath, Posix.StatxBasic, status) < 0)
        {
            throw Failed("stat");
        }

        if (status->Type != expected)
        {
            throw Bad("FileChanged", StoreErrorKind.Busy, "became something else while its directory was read");
        }
    }
}
