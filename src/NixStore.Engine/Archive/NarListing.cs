namespace NixStore.Engine.Archive;

/// <summary>The table of contents of an archive: every file with its type, size, place and target.</summary>
/// <param name="Root">The root.</param>
public sealed record NarListing(NarListingEntry Root)
{
    /// <summary>Reads an archive and lists it.</summary>
    /// <param name="reader">A reader that has not been used; it is read to the end.</param>
    /// <param name="hashContents">Hash the contents of every regular file.</param>
    /// <param name="cancellation">Looked at for every file.</param>
    /// <exception cref="NarFormatException">See there for the ids.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static NarListing Read(NarReader reader, bool hashContents = false, CancellationToken cancellation = default)
    {
        using var hash = hashContents ? new HashSink() : null;
        var open = new Stack<SortedDictionary<ByteString, NarListingEntry>>();
        NarListingEntry? root = null;
        while (reader.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            if (reader.Token == NarToken.EndDirectory)
            {
                open.Pop();
                continue;
            }

            var parent = open.Count > 0 ? open.Peek() : null;
            NarListingEntry entry;
            switch (reader.Token)
            {
                case NarToken.BeginDirectory:
                    var entries = new SortedDictionary<ByteString, NarListingEntry>();
                    open.Push(entries);
                    entry = new NarListingEntry.Directory(entries);
                    break;
                case NarToken.Symlink:
                    entry = new NarListingEntry.Link(new ByteString(reader.Target));
                    break;
                default:
                    entry = new NarListingEntry.Regular(reader.Size, reader.IsExecutable, reader.ContentsOffset, HashContents(reader, hash));
                    break;
            }

            if (parent is null)
            {
                root = entry;
            }
            else
            {
                parent.Add(new ByteString(reader.Name), entry);
            }
        }

        return new NarListing(root!);
    }

    /// <summary>The node at a path relative to the root (empty: the root); null when there is none. Links are not followed.</summary>
    public NarListingEntry? Find(ReadOnlySpan<byte> relativePath)
    {
        var entry = Root;
        while (!relativePath.IsEmpty)
        {
            var slash = relativePath.IndexOf((byte)'/');
            var name = slash < 0 ? relativePath : relativePath[..slash];
            relativePath = slash < 0 ? default : relativePath[(slash + 1)..];
            if (entry is not NarListingEntry.Directory directory || !directory.Entries.TryGetValue(new ByteString(name), out entry))
            {
                return null;
            }
        }

        return entry;
    }

    private static NixHash? HashContents(NarReader reader, HashSink? hash)
    {
        if (hash is null)
        {
            return null;
        }

        while (reader.ReadContents() is { IsEmpty: false } piece)
        {
            hash.Deliver(piece);
        }

        return hash.Finish().Hash;
    }
}
