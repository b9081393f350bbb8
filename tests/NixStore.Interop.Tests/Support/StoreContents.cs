using System.Security.Cryptography;
using System.Text;
using NixStore.Engine.Native;

namespace NixStore.Interop.Tests.Support;

/// <summary>
/// One hash over everything that a tree is: names, types, contents, targets, modes, owners, times of modification, attributes, and which
/// files share an inode. Times of access and change are left out, since copying sets them.
/// </summary>
internal static class StoreContents
{
    /// <summary>Hashes trees; what is not there counts as well.</summary>
    internal static string Hash(params string[] paths)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var inodes = new Dictionary<ulong, int>();
        foreach (var path in paths)
        {
            Add(FileDescriptor.WorkingDirectory, ByteName.From(path), hash, inodes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Hashes what is in a directory, but not its own time: locks come and go in a store directory.</summary>
    internal static string HashBelow(string directory)
        => Hash([.. Directory.EnumerateFileSystemEntries(directory).Order(StringComparer.Ordinal)]);

    private static void Add(FileDescriptor parent, byte[] name, IncrementalHash hash, Dictionary<ulong, int> inodes)
    {
        hash.AppendData(name);
        if (!Posix.TryStatusAt(parent, name, out var status, out _))
        {
            return;
        }

        inodes.TryAdd(status.Inode, inodes.Count);
        var text = $"{status.Type} {status.Mode} {status.Owner}:{status.Group} {status.Size} {status.ModificationTime:O} {status.IsImmutable} "
            + $"{(status.Type == FileType.Regular ? inodes[status.Inode] : 0)}";
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        switch (status.Type)
        {
            case FileType.Directory:
                using (var directory = Posix.OpenAt(parent, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime))
                {
                    AddAttributes(directory, hash);
                    foreach (var entry in Entries(directory))
                    {
                        Add(directory, entry, hash, inodes);
                    }
                }

                break;
            case FileType.Regular:
                using (var file = Posix.OpenAt(parent, name, OpenFlags.ReadOnly | OpenFlags.NoAccessTime | OpenFlags.NoFollow))
                {
                    AddAttributes(file, hash);
                    hash.AppendData(SHA256.HashData(Posix.ReadAll(file)));
                }

                break;
            case FileType.SymbolicLink:
                hash.AppendData(Posix.ReadLinkAt(parent, name));
                break;
        }
    }

    private static void AddAttributes(FileDescriptor file, IncrementalHash hash)
    {
        foreach (var attribute in Posix.ListExtendedAttributes(file))
        {
            hash.AppendData(attribute);
        }
    }

    private static IEnumerable<byte[]> Entries(FileDescriptor directory)
    {
        var names = new List<byte[]>();
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            names.Add(entries.Name.ToArray());
        }

        return names.OrderBy(Convert.ToHexString, StringComparer.Ordinal);
    }
}
