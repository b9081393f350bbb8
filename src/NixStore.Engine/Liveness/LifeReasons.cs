namespace NixStore.Engine.Liveness;

/// <summary>
/// Says in half a sentence why a path is alive: by its nearest root. All roots are followed at once, so that the reasons of many paths cost
/// no more than that of one.
/// </summary>
public sealed class LifeReasons
{
    private const int None = -1;

    private readonly StoreSurvey _survey;
    private readonly RootNotes _notes;
    private readonly Dictionary<int, StoreRoot> _roots = [];
    private readonly int[] _keepers;

    /// <param name="survey">The store.</param>
    /// <param name="own">The processes to be named as one's own.</param>
    public LifeReasons(StoreSurvey survey, OwnProcesses own)
    {
        _survey = survey;
        _notes = new RootNotes(own);
        _keepers = new int[survey.Graph.Count];
        Array.Fill(_keepers, None);
        var reached = new List<int>();
        foreach (var root in survey.Roots.Where(root => root is { Stale: false, Path: not null }).OrderBy(root => root.Kind))
        {
            if (survey.Graph.Find(root.Path!) is var node and >= 0 && _roots.TryAdd(node, root))
            {
                _keepers[node] = node;
                reached.Add(node);
            }
        }

        var edges = new KeepEdges(survey.Graph, survey.Settings);
        for (var next = 0; next < reached.Count; next++)
        {
            foreach (var kept in edges.KeptBy(reached[next]).Where(kept => _keepers[kept] == None))
            {
                _keepers[kept] = reached[next];
                reached.Add(kept);
            }
        }
    }

    /// <summary>Why a path that is alive is; without a full stop.</summary>
    public string Of(int node)
    {
        if (_keepers[node] == None)
        {
            return "a temporary root with its hash part keeps it, or the database contradicts itself about it";
        }

        var between = new List<string>();
        var start = node;
        for (; _keepers[start] != start; start = _keepers[start])
        {
            between.Insert(0, _survey.Graph.PathOf(_keepers[start]));
        }

        var root = _roots[start];
        var way = between.Count == 0 ? "" : $" by way of {string.Join(" -> ", between)}";
        return $"{Describe(root)} keeps it{way}{(_notes.Of(root, _survey.Graph.PathOf(node)) is { } note ? $"; {note.TrimEnd('.')}" : "")}";
    }

    private static string Describe(StoreRoot root) => root.Kind switch
    {
        StoreRootKind.Permanent => $"the root {root.Link}",
        _ when root.Pid is { } pid => $"the process {root.ProcessName ?? "?"} ({pid})",
        _ => root.Link,
    };
}
