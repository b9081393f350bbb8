using System.Buffers.Binary;
using System.Runtime.InteropServices;
using NixStore.Engine.Native;

namespace NixStore.Engine.Archive;

/// <summary>
/// The names of all directories that are open during a walk, in two arrays that grow like a stack: a walk over any number of files
/// allocates nothing once they are large enough.
/// </summary>
internal sealed unsafe class DirectoryArena
{
    private const int DirentHeader = 19;

    private readonly byte[] _dirents = GC.AllocateUninitializedArray<byte>(32 * 1024, pinned: true);
    private readonly Comparison<Entry> _byName;

    // Pinned, because names are given to the kernel by address.
    private byte[] _names = GC.AllocateUninitializedArray<byte>(16 * 1024, pinned: true);
    private int _namesUsed;
    private Entry[] _entries = new Entry[256];

    internal DirectoryArena() => _byName = Compare;

    /// <summary>Number of entries on the stack.</summary>
    internal int Count { get; private set; }

    /// <summary>Bytes of names on the stack.</summary>
    internal int NamesUsed => _namesUsed;

    internal ref Entry this[int index] => ref _entries[index];

    /// <summary>A name without NUL; valid until names are added.</summary>
    internal ReadOnlySpan<byte> Name(in Entry entry) => _names.AsSpan(entry.Offset, entry.Length);

    /// <summary>A name with NUL, for the kernel; valid until names are added.</summary>
    internal byte* Pointer(in Entry entry) => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_names, entry.Offset);

    internal void Clear() => Truncate(0, 0);

    /// <summary>Takes entries and names off the stack.</summary>
    internal void Truncate(int count, int namesUsed)
    {
        Count = count;
        _namesUsed = namesUsed;
    }

    /// <summary>Adds all names of an open directory, unsorted; false with errno set when reading fails.</summary>
    internal bool TryAddAll(int directory)
    {
        for (; ; )
        {
            var length = (int)Libc.GetDirectoryEntries(directory, (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_dirents, 0), _dirents.Length);
            if (length <= 0)
            {
                return length == 0;
            }

            // struct linux_dirent64: ino u64, off s64, reclen u16, type u8, name
            for (var position = 0; position < length;)
            {
                var dirent = _dirents.AsSpan(position, length - position);
                int size = BinaryPrimitives.ReadUInt16LittleEndian(dirent[16..]);
                position += size;
                var name = dirent[DirentHeader..size];
                name = name[..name.IndexOf((byte)0)];
                if (name is not [(byte)'.'] and not [(byte)'.', (byte)'.'])
                {
                    Add(name, (FileType)dirent[18], null, BinaryPrimitives.ReadUInt64LittleEndian(dirent));
                }
            }
        }
    }

    /// <summary>Adds one name (no NUL).</summary>
    internal void Add(ReadOnlySpan<byte> name, FileType type, NarReplacement? replacement, ulong inode = 0)
    {
        if (_names.Length - _namesUsed < name.Length + 1)
        {
            var larger = GC.AllocateUninitializedArray<byte>(Math.Max(_names.Length * 2, _namesUsed + name.Length + 1), pinned: true);
            _names.AsSpan(0, _namesUsed).CopyTo(larger);
            _names = larger;
        }

        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        name.CopyTo(_names.AsSpan(_namesUsed));
        _names[_namesUsed + name.Length] = 0;
        _entries[Count++] = new Entry(Prefix(name), _namesUsed, name.Length, type, replacement, inode);
        _namesUsed += name.Length + 1;
    }

    /// <summary>Takes the entry at <paramref name="index"/> out; the order of those behind it is lost.</summary>
    internal void RemoveAt(int index) => _entries[index] = _entries[--Count];

    /// <summary>Index of a name at or behind <paramref name="start"/>, or -1.</summary>
    internal int Find(int start, ReadOnlySpan<byte> name)
    {
        for (var i = start; i < Count; i++)
        {
            if (Name(_entries[i]).SequenceEqual(name))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Sorts the entries from <paramref name="start"/> on by the bytes of their names.</summary>
    internal void Sort(int start)
    {
        if (Count - start > 1)
        {
            _entries.AsSpan(start, Count - start).Sort(_byName);
        }
    }

    private int Compare(Entry left, Entry right)
        => left.Prefix != right.Prefix ? left.Prefix.CompareTo(right.Prefix) : Name(left).SequenceCompareTo(Name(right));

    /// <summary>The first eight bytes as a number that sorts as they do.</summary>
    private static ulong Prefix(ReadOnlySpan<byte> name)
    {
        if (name.Length >= sizeof(ulong))
        {
            return BinaryPrimitives.ReadUInt64BigEndian(name);
        }

        ulong prefix = 0;
        for (var i = 0; i < name.Length; i++)
        {
            prefix |= (ulong)name[i] << (56 - (8 * i));
        }

        return prefix;
    }

    /// <summary>One name on the stack. The inode is that of the directory entry: below a mount point that of the covered directory.</summary>
    internal readonly record struct Entry(ulong Prefix, int Offset, int Length, FileType Type, NarReplacement? Replacement, ulong Inode);
}
