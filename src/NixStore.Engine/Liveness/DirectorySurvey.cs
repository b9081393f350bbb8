using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Liveness;

/// <summary>
/// One reading of a store directory: which registered paths have files, and what else is there. Of an overlay store both layers are read,
/// and only what is in the upper one and not in the lower store is its own.
/// </summary>
public sealed class DirectorySurvey
{
    private readonly NodeSet _present;
    private readonly NodeSet _lower;
    private readonly List<UnregisteredEntry> _unregistered = [];

    private DirectorySurvey(int nodes) => (_present, _lower) = (new NodeSet(nodes), new NodeSet(nodes));

    /// <summary>What is there without being registered, in the order of the file system.</summary>
    public IReadOnlyList<UnregisteredEntry> Unregistered => _unregistered;

    /// <summary>Number of registered paths that have files.</summary>
    public int PresentCount => _present.Count;

    /// <summary>True when a registered path has files.</summary>
    public bool IsPresent(int node) => _present.Contains(node);

    /// <summary>
    /// True when the lower store of an overlay store has files or a row of a registered path, or of one that refers to it. Then the path is no
    /// garbage, whatever the upper layer has of it: that may be the only good copy, or a needless one, which Optimize-OverlayStore proves.
    /// </summary>
    public bool IsInLower(int node) => _lower.Contains(node);

    /// <summary>Reads the directory of a store.</summary>
    /// <param name="graph">The registered paths.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="StoreDatabaseException">Of the lower store of an overlay store.</exception>
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

    private void ReadLayers(StoreGraph graph, OverlayLayers overlay, CancellationToken cancellation)
    {
        var nodes = new List<int>();
        var below = new HashSet<string>(StringComparer.Ordinal);
        using (var database = StoreDatabase.OpenForReading(overlay.Lower))
        {
            foreach (var path in database.ReadNames())
            {
                var name = path[(path.LastIndexOf('/') + 1)..];
                AddLower(graph.FindName(ByteName.Trim(ByteName.From(name))), name);
            }
        }

        Read(graph, overlay.Lower.RealDirectory, (node, name, _) =>
        {
            AddLower(node, ByteName.ToDisplay(name));
            if (node >= 0)
            {
                _present.Add(node);
            }
        }, cancellation);
        Read(graph, overlay.UpperLayer, (node, name, type) =>
        {
            // A whiteout hides what is below, and what has the name of something below may be a piece of it: Repair-OverlayStore's to judge.
            if (type != FileType.CharacterDevice && (node >= 0 || !below.Contains(ByteName.ToDisplay(name))))
            {
                Add(node, name, type);
            }
        }, cancellation);
        _lower.AddClosure(nodes, graph.References);

        void AddLower(int node, string name)
        {
            if (node >= 0)
            {
                nodes.Add(node);
            }
            else
            {
                below.Add(name);
            }
        }
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
