using NixStore.Engine.Liveness;
using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>One reading of a directory of store paths: a layer, or what the overlay makes of both.</summary>
internal sealed class LayerNames
{
    private readonly Dictionary<string, FileType> _types = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leftovers = new(StringComparer.Ordinal);

    private LayerNames()
    {
    }

    /// <summary>The names that are those of store paths, whiteouts among them, in the order of the file system.</summary>
    internal IEnumerable<string> Names => _types.Keys;

    /// <summary>Reads a directory.</summary>
    /// <exception cref="StoreIOException"/>
    internal static LayerNames Read(string directory, CancellationToken cancellation)
    {
        var names = new LayerNames();
        using var opened = Posix.Open(directory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
        using var entries = new DirectoryEntries(opened);
        while (entries.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            var entry = new UnregisteredEntry(entries.Name.ToArray(), entries.Type);
            if (entry.HashPart is null)
            {
                continue;
            }

            names._types[entry.Text] = entry.Type == FileType.Unknown ? Posix.StatusAt(opened, entry.Name).Type : entry.Type;
            if (entry.Kind == StoreGarbageKind.Leftover)
            {
                names._leftovers.Add(entry.Text);
            }
        }

        return names;
    }

    /// <summary>True when a path is there; a whiteout is none.</summary>
    internal bool Has(string name) => TypeOf(name) is FileType.Regular or FileType.Directory or FileType.SymbolicLink;

    /// <summary>The type of the entry of a name; null when there is none.</summary>
    internal FileType? TypeOf(string name) => _types.TryGetValue(name, out var type) ? type : null;

    /// <summary>True for lock files and the like, unless they are registered as paths, and for what somebody works on now.</summary>
    internal bool IsInProgress(string name) => _leftovers.Contains(name) || _types.ContainsKey(name + ".lock");
}
