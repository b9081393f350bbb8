using NixStore.Engine.Native;

namespace NixStore.Engine.Repair;

/// <summary>A regular file somewhere in a store.</summary>
/// <param name="BaseName">The object it is in; <c>.links</c> for an entry of the links directory.</param>
/// <param name="Path">Relative path in the object; empty for the object itself.</param>
/// <param name="Inode">Its inode.</param>
internal sealed record StoreFile(string BaseName, ByteString Path, ulong Inode)
{
    /// <summary>The base name of the links directory.</summary>
    internal const string Links = ".links";

    /// <summary>True for an entry of the links directory.</summary>
    internal bool IsLink => BaseName == Links;

    /// <summary>The file's own name; for an object that is a file, the name behind the hash part.</summary>
    internal ReadOnlySpan<byte> FileName => Path.Span[(Path.Span.LastIndexOf((byte)'/') + 1)..];
}

/// <summary>
/// Walks all files of a store by directory entries alone: no file is opened or asked for its status. Entries that cannot be read are left
/// out, since a damaged store is what this is for.
/// </summary>
internal static class StoreWalker
{
    private static readonly int s_flags = OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.NoAccessTime;

    /// <summary>Whether a file is wanted, by its name and inode, before an object is made of it.</summary>
    internal delegate bool Wanted(ReadOnlySpan<byte> name, ulong inode);

    /// <summary>Finds files.</summary>
    /// <exception cref="StoreIOException">The store directory itself cannot be read.</exception>
    /// <exception cref="OperationCanceledException"/>
    internal static List<StoreFile> Find(FileDescriptor store, Wanted wanted, CancellationToken cancellation)
    {
        var found = new List<StoreFile>();

        // A descriptor of its own, because reading moves the position.
        using var root = Posix.OpenAt(store, ".\0"u8, s_flags);
        var objects = new List<(byte[] Name, FileType Type, ulong Inode)>();
        using (var entries = new DirectoryEntries(root))
        {
            while (entries.MoveNext())
            {
                objects.Add((entries.Name.ToArray(), entries.Type, entries.Inode));
            }
        }

        foreach (var (name, type, inode) in objects)
        {
            cancellation.ThrowIfCancellationRequested();
            var baseName = ByteName.ToDisplay(name);
            if (type == FileType.Directory)
            {
                Walk(root, name, baseName, default, wanted, found);
            }
            else if (type == FileType.Regular && wanted(NameOfObject(name), inode))
            {
                found.Add(new StoreFile(baseName, default, inode));
            }
        }

        return found;
    }

    private static void Walk(
        FileDescriptor parent, ReadOnlySpan<byte> name, string baseName, ByteString path, Wanted wanted, List<StoreFile> found)
    {
        using var directory = Posix.TryOpenAt(parent, name, s_flags, 0, out _);
        if (directory is null)
        {
            return;
        }

        var below = new List<byte[]>();
        try
        {
            using var entries = new DirectoryEntries(directory);
            while (entries.MoveNext())
            {
                if (entries.Type == FileType.Directory)
                {
                    below.Add(entries.Name.ToArray());
                }
                else if (entries.Type == FileType.Regular && wanted(ByteName.Trim(entries.Name), entries.Inode))
                {
                    found.Add(new StoreFile(baseName, Join(path, ByteName.Trim(entries.Name)), entries.Inode));
                }
            }
        }
        catch (StoreIOException)
        {
            return;
        }

        foreach (var child in below)
        {
            Walk(directory, child, baseName, Join(path, ByteName.Trim(child)), wanted, found);
        }
    }

    /// <summary>What follows the hash part, which is how a file is called where it is not an object of its own.</summary>
    private static ReadOnlySpan<byte> NameOfObject(ReadOnlySpan<byte> name)
    {
        name = ByteName.Trim(name);
        return name.Length > StorePath.HashPartLength ? name[(StorePath.HashPartLength + 1)..] : name;
    }

    private static ByteString Join(ByteString path, ReadOnlySpan<byte> name)
        => path.IsEmpty ? new ByteString(name) : new ByteString([.. path.Span, (byte)'/', .. name]);
}
