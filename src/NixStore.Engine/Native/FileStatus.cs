using System.Runtime.InteropServices;

namespace NixStore.Engine.Native;

/// <summary>The type of a file.</summary>
public enum FileType
{
    /// <summary>Not known without asking (some file systems give no type with directory entries).</summary>
    Unknown = 0,
    /// <summary>Named pipe.</summary>
    Fifo = 1,
    /// <summary>Character device; on overlayfs 0:0 is a whiteout.</summary>
    CharacterDevice = 2,
    /// <summary>Directory.</summary>
    Directory = 4,
    /// <summary>Block device.</summary>
    BlockDevice = 6,
    /// <summary>Regular file.</summary>
    Regular = 8,
    /// <summary>Symbolic link.</summary>
    SymbolicLink = 10,
    /// <summary>Socket.</summary>
    Socket = 12,
}

/// <summary>struct statx of linux/stat.h, the part that is used; the same on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
public readonly struct FileStatus
{
    // STATX_ATTR_IMMUTABLE, STATX_ATTR_APPEND, STATX_ATTR_MOUNT_ROOT
    private const ulong ImmutableAttribute = 0x10;
    private const ulong AppendAttribute = 0x20;
    private const ulong MountRootAttribute = 0x2000;

    [FieldOffset(0x08)] private readonly ulong _attributes;
    [FieldOffset(0x10)] private readonly uint _linkCount;
    [FieldOffset(0x14)] private readonly uint _owner;
    [FieldOffset(0x18)] private readonly uint _group;
    [FieldOffset(0x1c)] private readonly ushort _mode;
    [FieldOffset(0x20)] private readonly ulong _inode;
    [FieldOffset(0x28)] private readonly ulong _size;
    [FieldOffset(0x30)] private readonly ulong _blocks;
    [FieldOffset(0x40)] private readonly long _accessSeconds;
    [FieldOffset(0x48)] private readonly uint _accessNanoseconds;
    [FieldOffset(0x60)] private readonly long _changeSeconds;
    [FieldOffset(0x68)] private readonly uint _changeNanoseconds;
    [FieldOffset(0x70)] private readonly long _modificationSeconds;
    [FieldOffset(0x78)] private readonly uint _modificationNanoseconds;
    [FieldOffset(0x80)] private readonly uint _representedMajor;
    [FieldOffset(0x84)] private readonly uint _representedMinor;
    [FieldOffset(0x88)] private readonly uint _deviceMajor;
    [FieldOffset(0x8c)] private readonly uint _deviceMinor;

    /// <summary>What it is.</summary>
    public FileType Type => (FileType)(_mode >> 12);

    /// <summary>The twelve permission bits.</summary>
    public int Mode => _mode & 0xfff;

    /// <summary>Number of hard links.</summary>
    public long LinkCount => _linkCount;

    /// <summary>User id of the owner.</summary>
    public uint Owner => _owner;

    /// <summary>Group id.</summary>
    public uint Group => _group;

    /// <summary>Inode number.</summary>
    public ulong Inode => _inode;

    /// <summary>Device number, major in the upper half.</summary>
    public ulong Device => ((ulong)_deviceMajor << 32) | _deviceMinor;

    /// <summary>True for the character device 0:0, by which an upper layer says that a name below is deleted (overlayfs).</summary>
    public bool IsWhiteout => Type == FileType.CharacterDevice && _representedMajor == 0 && _representedMinor == 0;

    /// <summary>Length in bytes.</summary>
    public long Size => (long)_size;

    /// <summary>Space used, in bytes.</summary>
    public long AllocatedBytes => (long)_blocks * 512;

    /// <summary>Whole seconds of the modification time.</summary>
    public long ModificationSeconds => _modificationSeconds;

    /// <summary>Nanosecond part of the modification time.</summary>
    public uint ModificationNanoseconds => _modificationNanoseconds;

    /// <summary>Access time.</summary>
    public DateTimeOffset AccessTime => ToTime(_accessSeconds, _accessNanoseconds);

    /// <summary>Modification time.</summary>
    public DateTimeOffset ModificationTime => ToTime(_modificationSeconds, _modificationNanoseconds);

    /// <summary>Time of the last change of the inode.</summary>
    public DateTimeOffset ChangeTime => ToTime(_changeSeconds, _changeNanoseconds);

    /// <summary>True when the owner may execute, the only permission that a NAR keeps.</summary>
    public bool IsExecutable => (_mode & 0x40) != 0;

    /// <summary>True when the file is immutable or append-only (chattr +i, +a): nothing of it can be changed or removed.</summary>
    public bool IsImmutable => (_attributes & (ImmutableAttribute | AppendAttribute)) != 0;

    /// <summary>True when something is mounted here (told by Linux 5.8 and later): it cannot be removed.</summary>
    public bool IsMountRoot => (_attributes & MountRootAttribute) != 0;

    /// <summary>True when both are the same inode.</summary>
    public bool IsSameFile(in FileStatus other) => Inode == other.Inode && Device == other.Device;

    private static DateTimeOffset ToTime(long seconds, uint nanoseconds)
        => DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, -62135596800, 253402300799)).AddTicks(nanoseconds / 100);
}

/// <summary>struct statvfs of 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential, Size = 112)]
public readonly struct FileSystemStatus
{
    private readonly ulong _blockSize;
    private readonly ulong _fragmentSize;
    private readonly ulong _blocks;
    private readonly ulong _freeBlocks;
    private readonly ulong _availableBlocks;
    private readonly ulong _files;
    private readonly ulong _freeFiles;
    private readonly ulong _availableFiles;
    private readonly ulong _id;
    private readonly ulong _flags;

    /// <summary>Bytes that an ordinary user can still write.</summary>
    public long AvailableBytes => (long)(_availableBlocks * _fragmentSize);

    /// <summary>Size in bytes.</summary>
    public long TotalBytes => (long)(_blocks * _fragmentSize);

    /// <summary>Inodes in all; 0 where the file system makes them as they are needed.</summary>
    public long TotalInodes => (long)_files;

    /// <summary>Inodes still available.</summary>
    public long AvailableInodes => (long)_availableFiles;

    /// <summary>Tells file systems apart, and stays the same when one is mounted again (of most kinds, it comes from their UUID).</summary>
    public ulong Id => _id;

    /// <summary>True when the mount is read-only.</summary>
    public bool IsReadOnly => (_flags & 1) != 0;

    /// <summary>True when reading leaves no access time (ST_NOATIME).</summary>
    public bool KeepsNoAccessTime => (_flags & 1024) != 0;

    /// <summary>
    /// The flags of the mount as mount(2) wants them, which takes away those that it is not given: ST_RDONLY, ST_NOSUID, ST_NODEV, ST_NOEXEC,
    /// ST_NOATIME and ST_NODIRATIME have the numbers of their MS_ counterparts, ST_RELATIME has not.
    /// </summary>
    internal nuint MountFlags
    {
        get
        {
            const ulong same = 1 | 2 | 4 | 8 | 1024 | 2048;
            const ulong relativeAccessTime = 4096;
            const nuint mountRelativeAccessTime = 1 << 21;
            return (nuint)(_flags & same) | ((_flags & relativeAccessTime) != 0 ? mountRelativeAccessTime : 0);
        }
    }
}
