using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>How the tree of a path in the upper layer goes with the one in the lower store, by names, types and sizes: no contents are read.</summary>
internal sealed class TreeOverlap
{
    private readonly byte[] _upper;
    private readonly byte[] _lower;
    private readonly List<byte[]> _uncopied = [];

    private TreeOverlap(string upper, string lower, string name)
    {
        _upper = ByteName.From($"{upper}/{name}");
        _lower = ByteName.From($"{lower}/{name}");
    }

    /// <summary>True when the root hides the one below as a whole.</summary>
    internal bool IsOpaque { get; private set; }

    /// <summary>What the upper tree has that the lower one has too.</summary>
    internal int Common { get; private set; }

    /// <summary>What only the lower tree has: the overlay shows it as part of the path.</summary>
    internal int Missing { get; private set; }

    /// <summary>What only the upper tree has.</summary>
    internal int Added { get; private set; }

    /// <summary>What has another type, size or right of execution in the upper tree.</summary>
    internal int Different { get; private set; }

    /// <summary>Whiteouts and opaque directories below the root: what was deleted of the path through the mount.</summary>
    internal int Deleted { get; private set; }

    /// <summary>Files that were copied up from the lower tree to be changed.</summary>
    internal int Copied { get; private set; }

    /// <summary>Files and directories that need the lower tree for their contents.</summary>
    internal int WithoutContents { get; private set; }

    /// <summary>Something that tells the trees apart, relative to the path; null for none.</summary>
    internal string? Example { get; private set; }

    /// <summary>True when all that is in the upper tree has the rights and the time that Nix gives what it puts into a store.</summary>
    internal bool IsCanonical { get; private set; } = true;

    /// <summary>True when the upper tree is not one that Nix put there as a whole.</summary>
    internal bool IsFragment => Copied > 0 || Deleted > 0 || WithoutContents > 0 || (Missing > 0 && !IsOpaque);

    /// <summary>True when the trees cannot be of the same contents.</summary>
    internal bool IsDifferent => Missing + Added + Different > 0;

    /// <summary>Compares the trees of a path that both directories have.</summary>
    /// <exception cref="StoreIOException"/>
    internal static TreeOverlap Compare(string upper, string lower, string name, CancellationToken cancellation)
    {
        var overlap = new TreeOverlap(upper, lower, name);
        var directories = new Stack<byte[]>();
        overlap.Look([], directories);
        while (directories.TryPop(out var directory))
        {
            cancellation.ThrowIfCancellationRequested();
            var below = Names(Join(overlap._lower, directory));
            foreach (var entry in Names(Join(overlap._upper, directory)))
            {
                if (below.Remove(entry))
                {
                    overlap.Look(Child(directory, entry), directories);
                }
                else
                {
                    overlap.LookAtAdded(Child(directory, entry));
                }
            }

            overlap.Missing += below.Count;
            if (below.Count > 0)
            {
                overlap.Note(Child(directory, below.First()));
            }
        }

        return overlap;
    }

    /// <summary>Something in the upper tree that is not from the lower one: it was neither copied up by the kernel, nor is its like there. Null for none.</summary>
    /// <exception cref="NixStoreException"/>
    internal string? FindForeign(NarHasher hasher, CancellationToken cancellation)
    {
        return _uncopied.Find(relative => !IsBelow(relative)) is { } foreign ? ByteName.ToDisplay(foreign) : null;

        bool IsBelow(byte[] relative) => Posix.StatusAt(FileDescriptor.WorkingDirectory, Join(_upper, relative)).Type is not FileType.Directory
            && Posix.TryStatusAt(FileDescriptor.WorkingDirectory, Join(_lower, relative), out var lower, out _) && lower.Type is not FileType.Directory
            && Hash(_upper, relative).Equals(Hash(_lower, relative));

        NixHash Hash(byte[] root, byte[] relative) => hasher.HashTree(FileDescriptor.WorkingDirectory, Join(root, relative), cancellation: cancellation).Hash;
    }

    /// <summary>In a few words.</summary>
    public override string ToString() => string.Join(", ", new[]
    {
        $"{Common} of its files and directories", Copied > 0 ? $"{Copied} of them copied up" : null, Different > 0 ? $"{Different} different" : null,
        Added > 0 ? $"{Added} more" : null, Deleted > 0 ? $"{Deleted} deleted" : null, WithoutContents > 0 ? $"{WithoutContents} without contents of their own" : null,
        Missing > 0 ? $"{Missing} only in the lower store" : null,
    }.OfType<string>()) + (Example is { Length: > 0 } ? $" (such as {Example})" : "");

    private void Look(byte[] relative, Stack<byte[]> directories)
    {
        var path = Join(_upper, relative);
        var upper = Posix.StatusAt(FileDescriptor.WorkingDirectory, path);
        var marks = OverlayAttributes.Of(path);
        if (upper.IsWhiteout || marks.IsWhiteout)
        {
            Deleted++;
            Note(relative);
            return;
        }

        var lower = Posix.StatusAt(FileDescriptor.WorkingDirectory, Join(_lower, relative));
        Common++;
        IsCanonical &= HasCanonicalMetadata(upper);
        Count(marks, upper.Type, relative);
        if (!marks.IsCopy && (upper.Type != FileType.Directory || lower.Type != FileType.Directory))
        {
            _uncopied.Add(relative);
        }

        if (upper.Type != lower.Type || (upper.Type == FileType.Regular && (upper.Size != lower.Size || upper.IsExecutable != lower.IsExecutable)))
        {
            Different++;
            Note(relative);
        }
        else if (upper.Type == FileType.Directory)
        {
            directories.Push(relative);
        }
    }

    private void LookAtAdded(byte[] relative)
    {
        var path = Join(_upper, relative);
        var marks = OverlayAttributes.Of(path);
        var upper = Posix.StatusAt(FileDescriptor.WorkingDirectory, path);
        if (upper.IsWhiteout || marks.IsWhiteout)
        {
            Deleted++;
        }
        else
        {
            Added++;
            IsCanonical &= HasCanonicalMetadata(upper);
            _uncopied.Add(relative);
            Count(marks with { IsOpaque = false }, upper.Type, relative);
        }

        Note(relative);
    }

    private void Count(OverlayAttributes marks, FileType type, byte[] relative)
    {
        // The kernel marks directories as soon as it shows them merged with lower ones, whoever made them.
        Copied += marks.IsCopy && type != FileType.Directory ? 1 : 0;
        WithoutContents += marks.LacksContents ? 1 : 0;
        if (marks.IsOpaque && relative.Length == 0)
        {
            IsOpaque = true;
        }
        else if (marks.IsOpaque)
        {
            Deleted++;
            Note(relative);
        }
    }

    private static bool HasCanonicalMetadata(in FileStatus status)
        => status.ModificationSeconds == CanonicalMetadata.ModificationTime
            && (status.Type == FileType.SymbolicLink || status.Mode is CanonicalMetadata.FileMode or CanonicalMetadata.ExecutableMode);

    private void Note(byte[] relative) => Example ??= ByteName.ToDisplay(relative);

    private static HashSet<byte[]> Names(byte[] path)
    {
        var names = new HashSet<byte[]>(BytesComparer.Instance);
        using var directory = Posix.OpenAt(FileDescriptor.WorkingDirectory, path,
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime | OpenFlags.NoFollow);
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            names.Add(ByteName.Trim(entries.Name).ToArray());
        }

        return names;
    }

    private static byte[] Join(byte[] root, byte[] relative) => relative.Length == 0 ? root : [.. root.AsSpan(0, root.Length - 1), (byte)'/', .. relative, 0];

    private static byte[] Child(byte[] directory, byte[] name) => directory.Length == 0 ? name : [.. directory, (byte)'/', .. name];

    /// <summary>Names are equal when their bytes are.</summary>
    private sealed class BytesComparer : IEqualityComparer<byte[]>
    {
        internal static readonly BytesComparer Instance = new();

        public bool Equals(byte[]? one, byte[]? other) => one.AsSpan().SequenceEqual(other);

        public int GetHashCode(byte[] name)
        {
            var hash = new HashCode();
            hash.AddBytes(name);
            return hash.ToHashCode();
        }
    }
}
