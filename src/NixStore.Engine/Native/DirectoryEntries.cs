using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace NixStore.Engine.Native;

/// <summary>
/// Streams the names of a directory (getdents64) without "." and "..", in the order of the file system. The current name is
/// valid until the next call.
/// </summary>
public unsafe ref struct DirectoryEntries
{
    private const int BufferSize = 1 << 16;
    private readonly FileDescriptor _directory;
    private readonly byte[] _buffer;
    private int _position;
    private int _length;

    /// <summary>Reads an open directory from its current position.</summary>
    public DirectoryEntries(FileDescriptor directory)
    {
        _directory = directory;
        _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    }

    /// <summary>The current name, NUL-terminated.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Its type, where the file system tells.</summary>
    public FileType Type { get; private set; }

    /// <summary>Its inode number; below a mount point that of the covered directory.</summary>
    public ulong Inode { get; private set; }

    /// <summary>Goes to the next name; false at the end.</summary>
    /// <exception cref="StoreIOException"/>
    public bool MoveNext()
    {
        for (; ; )
        {
            if (_position >= _length && !Fill())
            {
                return false;
            }

            // struct linux_dirent64: ino u64, off s64, reclen u16, type u8, name
            var entry = _buffer.AsSpan(_position, _length - _position);
            var size = BinaryPrimitives.ReadUInt16LittleEndian(entry[16..]);
            _position += size;
            var name = entry[19..size];
            Name = name[..(name.IndexOf((byte)0) + 1)];
            if (Name is [(byte)'.', 0] or [(byte)'.', (byte)'.', 0])
            {
                continue;
            }

            Inode = BinaryPrimitives.ReadUInt64LittleEndian(entry);
            Type = (FileType)entry[18];
            return true;
        }
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        Name = default;
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private bool Fill()
    {
        fixed (byte* pointer = _buffer)
        {
            var count = Libc.GetDirectoryEntries(_directory.Number, pointer, BufferSize);
            if (count < 0)
            {
                throw new StoreIOException("list", _directory.Path, Marshal.GetLastPInvokeError());
            }

            (_position, _length) = (0, (int)count);
            return count > 0;
        }
    }
}
