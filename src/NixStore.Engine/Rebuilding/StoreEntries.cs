using NixStore.Engine.Liveness;
using NixStore.Engine.Native;

namespace NixStore.Engine.Rebuilding;

/// <summary>One reading of a store directory without a database: which of its entries may be paths.</summary>
internal sealed class StoreEntries
{
    private readonly List<StorePath> _paths = [];
    private readonly HashSet<StorePath> _doubtful = [];
    private readonly List<StoreRowOmission> _omitted = [];

    /// <summary>
    /// Entries with the name of a path, in the order of their inodes, which is about the order in which they lie on the disk.
    /// </summary>
    internal IReadOnlyList<StorePath> Paths => _paths;

    /// <summary>
    /// Those of them that are named like leftovers. Most are, but a source may well be called <c>Cargo.lock</c>: its name must prove it.
    /// </summary>
    internal IReadOnlySet<StorePath> Doubtful => _doubtful;

    /// <summary>What is no path at all.</summary>
    internal IReadOnlyList<StoreRowOmission> Omitted => _omitted;

    /// <summary>Reads the directory of a store.</summary>
    /// <param name="names">The logical directory.</param>
    /// <param name="place">Where it is; also that of a layer, which has entries like a store's.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    internal static StoreEntries Read(StoreDirectory names, string place, CancellationToken cancellation)
    {
        var found = new StoreEntries();
        var paths = new List<(ulong Inode, StorePath Path)>();
        using var directory = QuietDirectory.Open(place);
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            if (ByteName.Trim(entries.Name).SequenceEqual(".links"u8))
            {
                continue;
            }

            var entry = new UnregisteredEntry(entries.Name.ToArray(), entries.Type);
            if (entry.HashPart is null)
            {
                found._omitted.Add(Omit(names, entry));
                continue;
            }

            var path = StorePath.Parse(entry.Text);
            paths.Add((entries.Inode, path));
            if (entry.Kind == StoreGarbageKind.Leftover)
            {
                found._doubtful.Add(path);
            }
        }

        found._paths.AddRange(paths.OrderBy(path => path.Inode).ThenBy(path => path.Path).Select(path => path.Path));
        return found;
    }

    private static StoreRowOmission Omit(StoreDirectory directory, UnregisteredEntry entry) => entry.Kind == StoreGarbageKind.Leftover
        ? new($"{directory.Path}/{entry.Text}", StoreOmissionReason.Leftover, "left behind by work that was interrupted")
        : new($"{directory.Path}/{entry.Text}", StoreOmissionReason.Foreign, "Nix gives no such name");
}
