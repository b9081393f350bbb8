using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Verification;

/// <summary>
/// The names of a store directory in one reading, to be asked which paths exist: 8 bytes a name, so that a million paths cost 16 MB
/// and no system call each. Names are kept as keyed 64-bit hashes (the key is random, so names cannot be made to collide).
/// </summary>
internal sealed class StoreDirectoryIndex
{
    private readonly string _directory;
    private readonly int _key1 = Random.Shared.Next();
    private readonly int _key2 = Random.Shared.Next();
    private ulong[] _slots = new ulong[1 << 12];
    private bool[] _asked = new bool[1 << 12];

    private StoreDirectoryIndex(string directory) => _directory = directory;

    /// <summary>Number of names, the links directory left out.</summary>
    internal int Count { get; private set; }

    /// <summary>Reads the directory; a missing one is as good as an empty one.</summary>
    /// <exception cref="StoreIOException"/>
    internal static StoreDirectoryIndex Read(StoreLocation store)
    {
        var index = new StoreDirectoryIndex(store.RealDirectory);
        using var directory = index.Open();
        if (directory is null)
        {
            return index;
        }

        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            var name = ByteName.Trim(entries.Name);
            if (!name.SequenceEqual(".links"u8))
            {
                index.Add(index.Hash(name));
            }
        }

        return index;
    }

    /// <summary>True when the directory has the name; the name then counts as asked for.</summary>
    internal bool Contains(ReadOnlySpan<char> name)
    {
        Span<byte> bytes = stackalloc byte[512];
        var length = Encoding.UTF8.GetByteCount(name);
        if (length > bytes.Length)
        {
            return false;
        }

        Encoding.UTF8.GetBytes(name, bytes);
        var slot = Find(Hash(bytes[..length]));
        if (_slots[slot] == 0)
        {
            return false;
        }

        _asked[slot] = true;
        return true;
    }

    /// <summary>
    /// Reads the directory once more and gives the names that nobody has asked for. Those that came since the first reading are left out:
    /// they may have been registered meanwhile as well.
    /// </summary>
    /// <exception cref="StoreIOException"/>
    internal List<byte[]> ReadUnasked()
    {
        var names = new List<byte[]>();
        using var directory = Open();
        if (directory is null)
        {
            return names;
        }

        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            var name = ByteName.Trim(entries.Name);
            var slot = Find(Hash(name));
            if (_slots[slot] != 0 && !_asked[slot])
            {
                names.Add(entries.Name.ToArray());
            }
        }

        names.Sort((a, b) => a.AsSpan().SequenceCompareTo(b));
        return names;
    }

    private FileDescriptor? Open()
    {
        var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(_directory),
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime, 0, out var error);
        return directory is null && error != Errno.NoEntry ? throw new StoreIOException("open", _directory, error) : directory;
    }

    private ulong Hash(ReadOnlySpan<byte> name)
    {
        var low = default(HashCode);
        low.Add(_key1);
        low.AddBytes(name);
        var high = default(HashCode);
        high.Add(_key2);
        high.AddBytes(name);
        var hash = ((ulong)(uint)high.ToHashCode() << 32) | (uint)low.ToHashCode();
        return hash == 0 ? 1 : hash;
    }

    private void Add(ulong hash)
    {
        if (Count * 2 >= _slots.Length)
        {
            var old = _slots;
            _slots = new ulong[old.Length * 2];
            _asked = new bool[_slots.Length];
            foreach (var value in old)
            {
                if (value != 0)
                {
                    _slots[Find(value)] = value;
                }
            }
        }

        var slot = Find(hash);
        if (_slots[slot] == 0)
        {
            _slots[slot] = hash;
            Count++;
        }
    }

    private int Find(ulong hash)
    {
        var mask = _slots.Length - 1;
        var slot = (int)(hash * 0x9E3779B97F4A7C15 >> 32) & mask;
        while (_slots[slot] != 0 && _slots[slot] != hash)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }
}
