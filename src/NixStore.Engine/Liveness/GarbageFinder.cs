using NixStore.Engine.Graph;

namespace NixStore.Engine.Liveness;

/// <summary>
/// What of a store nothing needs, in the order in which it can go: referrers before what they refer to. Looks at names and rows only;
/// <see cref="GarbageSizer"/> looks into the files.
/// </summary>
public sealed class GarbageFinder
{
    private readonly StoreGraph _graph;
    private readonly LiveSet _live;
    private readonly DirectorySurvey _directory;

    private GarbageFinder(StoreGraph graph, LiveSet live, DirectorySurvey directory)
    {
        _graph = graph;
        _live = live;
        _directory = directory;
    }

    /// <summary>Finds it.</summary>
    /// <param name="graph">The registered paths.</param>
    /// <param name="live">Which of them are alive.</param>
    /// <param name="directory">What is in the directory.</param>
    /// <param name="isRooted">True for a hash part that a temporary root protects, whether it is registered or not.</param>
    public static GarbageSet Find(StoreGraph graph, LiveSet live, DirectorySurvey directory, Func<string, bool> isRooted)
    {
        var finder = new GarbageFinder(graph, live, directory);
        var (order, cyclic) = ReferrersFirst.Sort(graph, node => !live.Contains(node));
        var items = new List<GarbageItem>(order.Count);
        items.AddRange(order.Where(node => !directory.IsInLower(node)).Select(finder.OfNode));
        items.AddRange(directory.Unregistered.Where(entry => finder.IsGarbage(entry, isRooted)).Select(entry => new GarbageItem(graph.Store, entry)));
        return new GarbageSet(graph, items, cyclic);
    }

    private GarbageItem OfNode(int node)
        => new(_graph, node, _directory.IsPresent(node) ? StoreGarbageKind.Dead : StoreGarbageKind.Ghost);

    private bool IsGarbage(UnregisteredEntry entry, Func<string, bool> isRooted)
    {
        if (entry.HashPart is not null && isRooted(entry.HashPart))
        {
            return false;
        }

        // What a repair has put aside is the only good copy while the path itself is gone; Repair-StorePath puts it back.
        return entry.SavedPath is null || _graph.Find($"{_graph.Store.Directory.Path}/{entry.SavedPath}") is not (var node and >= 0)
            || _directory.IsPresent(node) || !_live.Contains(node);
    }
}
