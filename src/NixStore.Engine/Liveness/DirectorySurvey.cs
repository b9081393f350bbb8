using NixStore.Engine.Graph;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Liveness;

/// <summary>
/// One reading of a store directory: which registered paths have files, and what else is there. Of an overlay store both layers are read,
/// and only what is in the upper one is its own.
/// </summary>
public sealed class DirectorySurvey
{
    private readonly NodeSet _present;
    private readonly NodeSet _lower;
    private readonly NodeSet _duplicates;
    private readonly List<UnregisteredEntry> _unregistered = [];

    private DirectorySurvey(int nodes) => (_present, _lower, _duplicates) = (new NodeSet(nodes), new NodeSet(nodes), new NodeSet(nodes));

    /// <summary>What is there without being registered, in the order of the file system.</summary>
    public IReadOnlyList<UnregisteredEntry> Unregistered => _unregistered;

    /// <summary>Number of registered paths that have files.</summary>
    public int PresentCount => _present.Count;

    /// <summary>True when a registered path has files.</summary>
    public bool IsPresent(int node) => _present.Contains(node);

    /// <summary>True when the lower store of an overlay store has the files of a registered path.</summary>
    public bool IsInLower(int node) => _lower.Contains(node);

    /// <summary>True when both layers of an overlay store have the files of a registered path.</summary>
    public bool IsDuplicate(int node) => _duplicates.Contains(node);

    /// <summary>Reads the directory of a store.</summary>
    /// <param name="graph">The registered paths.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreIOException"/>
    public static DirectorySurvey Read(StoreGraph graph, CancellationToken cancellation)
    {
        var survey = new DirectorySurvey(graph.Count);
        if (graph.Store.Overlay is { } overlay)
        {
            survey.ReadLayers(graph, overlay, cancellation);
        }
        else
        {
            Read(graph, graph.Store.RealDirectory, survey.Add, cancellation);
        }

        return survey;
    }

    /// <summary>Takes entries out of what is not registered.</summary>
    internal void LeaveOut(Predicate<string> isRegistered) => _unregistered.RemoveAll(entry => isRegistered(entry.Text));

    private void ReadLayers(StoreGraph graph, OverlayLayers overlay, CancellationToken cancellation)
    {
        var below = new HashSet<string>(StringComparer.Ordinal);
        Read(graph, overlay.Lower.RealDirectory, (node, name, _) =>
        {
            if (node >= 0)
            {
                _lower.Add(node);
                _present.Add(node);
            }
            else
            {
                below.Add(ByteName.ToDisplay(name));
            }
        }, cancellation);
        Read(graph, overlay.UpperLayer, (node, name, type) =>
        {
            // A whiteout hides what is below, and what has the name of something below may be a piece of it: Repair-OverlayStore's to judge.
            if (type == FileType.CharacterDevice || (node < 0 && below.Contains(ByteName.ToDisplay(name))))
            {
                return;
            }

            if (node >= 0 && _lower.Contains(node))
            {
                _duplicates.Add(node);
            }

            Add(node, name, type);
        }, cancellation);
    }

    private void Add(int node, ReadOnlySpan<byte> name, FileType type)
    {
        if (node >= 0)
        {
            _present.Add(node);
        }
        else
        {
            _unregistered.Add(new UnregisteredEntry(name.ToArray(), type));
        }
    }

    private static void Read(StoreGraph graph, string path, Action<int, ReadOnlySpan<byte>, FileType> add, CancellationToken cancellation)
    {
        using var directory = Posix.Open(path, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            var name = ByteName.Trim(entries.Name);
            if (!name.SequenceEqual(".links"u8))
            {
                add(graph.FindName(name), entries.Name, entries.Type);
            }
        }
    }
}
