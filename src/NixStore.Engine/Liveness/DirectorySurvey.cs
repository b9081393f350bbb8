using NixStore.Engine.Graph;
using NixStore.Engine.Native;

namespace NixStore.Engine.Liveness;

/// <summary>One reading of a store directory: which registered paths have files, and what else is there.</summary>
public sealed class DirectorySurvey
{
    private readonly NodeSet _present;
    private readonly List<UnregisteredEntry> _unregistered = [];

    private DirectorySurvey(int nodes) => _present = new NodeSet(nodes);

    /// <summary>What is there without being registered, in the order of the file system.</summary>
    public IReadOnlyList<UnregisteredEntry> Unregistered => _unregistered;

    /// <summary>Number of registered paths that have files.</summary>
    public int PresentCount => _present.Count;

    /// <summary>True when a registered path has files.</summary>
    public bool IsPresent(int node) => _present.Contains(node);

    /// <summary>Reads the directory of a store.</summary>
    /// <exception cref="StoreIOException"/>
    public static DirectorySurvey Read(StoreGraph graph, CancellationToken cancellation)
    {
        var survey = new DirectorySurvey(graph.Count);
        using var directory = Posix.Open(graph.Store.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            var name = ByteName.Trim(entries.Name);
            if (graph.FindName(name) is var node and >= 0)
            {
                survey._present.Add(node);
            }
            else if (!name.SequenceEqual(".links"u8))
            {
                survey._unregistered.Add(new UnregisteredEntry(entries.Name.ToArray(), entries.Type));
            }
        }

        return survey;
    }
}
