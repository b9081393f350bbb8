using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Diagnosis;

/// <summary>
/// The <c>.links</c> directory of an optimised store by inode: each entry's name is the nix32 SHA-256 of the NAR of the file it is a hard
/// link of (STORE-SPEC §1; Nix libstore/optimise-store.cc), hence a witness of what a damaged file should be. Read once, when first asked.
/// </summary>
public sealed class LinksIndex
{
    private readonly StoreLocation _store;
    private readonly Lazy<Dictionary<ulong, string>> _names;

    /// <summary>Makes an index that reads nothing yet.</summary>
    public LinksIndex(StoreLocation store)
    {
        _store = store;
        _names = new Lazy<Dictionary<ulong, string>>(() => Read(store));
    }

    /// <summary>The link name that an inode has; null when it has none.</summary>
    public string? FindName(ulong inode)
    {
        // Asked again on disk: a repair exchanges inodes, and a freed number may be given to another file.
        var name = _names.Value.GetValueOrDefault(inode);
        return name is not null && Posix.TryStatus($"{_store.LinksDirectory}/{name}", out var status, out _) && status.Inode == inode ? name : null;
    }

    private static Dictionary<ulong, string> Read(StoreLocation store)
    {
        var names = new Dictionary<ulong, string>();
        using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(store.LinksDirectory),
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime | OpenFlags.NoFollow, 0, out _);
        if (directory is null)
        {
            return names;
        }

        using var entries = new DirectoryEntries(directory);
        var hashLength = Nix32.EncodedLength(32);
        while (entries.MoveNext())
        {
            var name = ByteName.Trim(entries.Name);
            if (name.Length == hashLength)
            {
                names[entries.Inode] = Encoding.Latin1.GetString(name);
            }
        }

        return names;
    }
}
