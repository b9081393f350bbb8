using NixStore.Engine.Native;

namespace NixStore.Engine.Repair;

/// <summary>A name in an open directory: where an entry of a store object is, reached without following a symbolic link.</summary>
internal sealed class TreeLocation : IDisposable
{
    private readonly bool _owned;

    private TreeLocation(FileDescriptor directory, byte[] name, bool owned)
    {
        Directory = directory;
        Name = name;
        _owned = owned;
    }

    /// <summary>The directory the entry is in; the store directory for an object itself.</summary>
    internal FileDescriptor Directory { get; }

    /// <summary>The entry's name, NUL-terminated.</summary>
    internal byte[] Name { get; }

    /// <summary>True when the directory is inside a store object, and so has canonical metadata to be given back after a change.</summary>
    internal bool IsInsideObject => _owned;

    /// <summary>Finds an entry of a store object.</summary>
    /// <param name="store">The open store directory.</param>
    /// <param name="baseName">The object.</param>
    /// <param name="path">Relative path in it; empty for the object itself.</param>
    /// <exception cref="StoreIOException"/>
    internal static TreeLocation Find(FileDescriptor store, string baseName, ByteString path)
    {
        if (path.IsEmpty)
        {
            return new TreeLocation(store, ByteName.From(baseName), owned: false);
        }

        var directory = OpenDirectory(store, ByteName.From(baseName));
        try
        {
            var rest = path.Span;
            for (int slash; (slash = rest.IndexOf((byte)'/')) >= 0; rest = rest[(slash + 1)..])
            {
                var below = OpenDirectory(directory, ByteName.From(rest[..slash]));
                directory.Dispose();
                directory = below;
            }

            return new TreeLocation(directory, ByteName.From(rest), owned: true);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_owned)
        {
            Directory.Dispose();
        }
    }

    private static FileDescriptor OpenDirectory(FileDescriptor parent, ReadOnlySpan<byte> name)
        => Posix.OpenAt(parent, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.NoAccessTime);
}
