using System.Text;
using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Native;
using NixStore.Engine.Roots;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Liveness;

/// <summary>
/// A store as it was at one moment, with what a decision about its garbage needs: references, roots, what is alive, what is there.
/// Whoever wants to delete makes it under the collector's lock.
/// </summary>
public sealed record StoreSurvey
{
    private readonly HashSet<string> _temporary;

    private StoreSurvey(StoreGraph graph, IReadOnlyList<StoreRoot> roots, LivenessSettings settings, LiveSet live, DirectorySurvey directory)
    {
        (Graph, Roots, Settings, Live, Directory) = (graph, roots, settings, live, directory);
        _temporary = roots.Where(root => root.Kind == StoreRootKind.Temporary).Select(HashPartOf).OfType<string>().ToHashSet(StringComparer.Ordinal);
        Garbage = GarbageFinder.Find(graph, live, directory, _temporary.Contains);
    }

    /// <summary>The registered paths.</summary>
    public StoreGraph Graph { get; }

    /// <summary>What keeps paths alive; those left out on request are not among them.</summary>
    public IReadOnlyList<StoreRoot> Roots { get; }

    /// <summary>Where roots could not be looked for. Who deletes must not go on when there is anything.</summary>
    public IReadOnlyList<NixStoreException> UnreadRoots { get; private init; } = [];

    /// <summary>Which edges keep.</summary>
    public LivenessSettings Settings { get; }

    /// <summary>Which registered paths are alive.</summary>
    public LiveSet Live { get; }

    /// <summary>What is in the directory.</summary>
    public DirectorySurvey Directory { get; }

    /// <summary>What is not needed.</summary>
    public GarbageSet Garbage { get; }

    /// <summary>Surveys a store for whoever only looks: its roots are searched while its database is read.</summary>
    /// <param name="database">Its database.</param>
    /// <param name="settings">Which edges keep paths alive.</param>
    /// <param name="isIgnored">Roots to leave out, as if they were gone already; null for none.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public static StoreSurvey Look(StoreDatabase database, LivenessSettings settings, Func<StoreRoot, bool>? isIgnored, CancellationToken cancellation)
    {
        if (database.IsCopy)
        {
            // Another connection would need another copy.
            var copied = StoreGraph.Load(database, cancellation);
            var (found, missed) = Search(database.Store, path => copied.Find(path) >= 0, isIgnored, cancellation);
            return Make(copied, found, settings, DirectorySurvey.Read(copied, cancellation)) with { UnreadRoots = missed };
        }

        var search = Task.Factory.StartNew(
            () =>
            {
                using var own = StoreDatabase.OpenForReading(database.Store);
                return Search(database.Store, own.IsRegistered, isIgnored, cancellation);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        StoreGraph graph;
        try
        {
            graph = StoreGraph.Load(database, cancellation);
        }
        finally
        {
            ((IAsyncResult)search).AsyncWaitHandle.WaitOne();
        }

        var (roots, unread) = search.GetAwaiter().GetResult();
        return Make(graph, roots, settings, DirectorySurvey.Read(graph, cancellation)) with { UnreadRoots = unread };
    }

    /// <summary>
    /// Surveys a store for whoever deletes: first its roots, only then what is registered, and last what is there. So nothing is taken for a
    /// leftover that was on its way into the store: it had a temporary root when those were read, or was registered by then.
    /// </summary>
    /// <param name="database">Its database.</param>
    /// <param name="settings">Which edges keep paths alive.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public static StoreSurvey Take(StoreDatabaseWriter database, LivenessSettings settings, CancellationToken cancellation)
    {
        using var reader = StoreDatabase.OpenForReading(database.Store);
        var (roots, unread) = Search(database.Store, reader.IsRegistered, null, cancellation);
        var graph = database.Store.Overlay is null ? StoreGraph.Load(database, cancellation) : LoadLayers(database.Store, cancellation);
        return Make(graph, roots, settings, DirectorySurvey.Read(graph, cancellation)) with { UnreadRoots = unread };
    }

    /// <summary>
    /// What lives by a root or a referrer of the lower store lives: the paths of both databases. Opened only now, after the roots were read.
    /// Ids of own rows are those of the own database.
    /// </summary>
    private static StoreGraph LoadLayers(StoreLocation store, CancellationToken cancellation)
    {
        using var both = StoreDatabase.OpenForReading(store);
        return StoreGraph.Load(both, cancellation);
    }

    /// <summary>Puts a survey together of what was found.</summary>
    public static StoreSurvey Make(StoreGraph graph, IReadOnlyList<StoreRoot> roots, LivenessSettings settings, DirectorySurvey directory)
    {
        var live = LiveSet.From(graph, roots.Where(root => !root.Stale && root.Path is not null).Select(root => graph.Find(root.Path!)).Where(node => node >= 0), settings);
        AddByHashPart(graph, roots, live);
        AddDangling(graph, live);
        for (var node = 0; node < graph.Count; node++)
        {
            // A row whose path is none cannot be collected, and what it refers to cannot either; the doctor mends it.
            if (!live.Contains(node) && !graph.IsStorePath(node))
            {
                live.Add(node);
            }
        }

        return new StoreSurvey(graph, roots, settings, live, directory);
    }

    private static (IReadOnlyList<StoreRoot> Roots, IReadOnlyList<NixStoreException> Unread) Search(
        StoreLocation store, Func<string, bool> isRegistered, Func<StoreRoot, bool>? isIgnored, CancellationToken cancellation)
    {
        var scanner = new RootScanner(store, isRegistered);
        var roots = scanner.FindAll(cancellation);
        return (isIgnored is null ? roots : [.. roots.Where(root => !isIgnored(root))], scanner.Incomplete);
    }

    private static string? HashPartOf(StoreRoot root)
        => StorePath.TryParse(root.Path?[(root.Path.LastIndexOf('/') + 1)..], out var path) ? path.HashPart : null;

    /// <summary>A temporary root protects every path with its hash part, as it does for Nix.</summary>
    private static void AddByHashPart(StoreGraph graph, IReadOnlyList<StoreRoot> roots, LiveSet live)
    {
        var unknown = roots.Where(root => root.Kind == StoreRootKind.Temporary && root.Path is not null && graph.Find(root.Path) < 0)
            .Select(HashPartOf).OfType<string>().ToHashSet(StringComparer.Ordinal);
        for (var node = 0; unknown.Count > 0 && node < graph.Count; node++)
        {
            var name = graph.NameOf(node);
            if (name.Length > StorePath.HashPartLength && unknown.Contains(Encoding.UTF8.GetString(name[..StorePath.HashPartLength])))
            {
                live.Add(node);
            }
        }
    }

    /// <summary>What a row that is gone refers to may still be needed by files that are there.</summary>
    private static void AddDangling(StoreGraph graph, LiveSet live)
    {
        foreach (var reference in graph.DanglingReferences.Where(reference => reference is { Referrer: < 0, Reference: >= 0 }))
        {
            live.Add(reference.Reference);
        }
    }
}
