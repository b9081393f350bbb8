using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Liveness;
using NixStore.Engine.Planning;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Planning;

/// <summary>A small store, surveyed with the roots that a test says.</summary>
internal sealed class PlanningLab : IDisposable
{
    /// <summary>Each of these paths refers to the one before it.</summary>
    public PlanningLab(params string[] chain) => Store = new SmallStore(chain);

    public SmallStore Store { get; }

    /// <summary>Surveys it.</summary>
    /// <param name="roots">Names of paths that a permanent root keeps.</param>
    public StoreSurvey Survey(params string[] roots) => Survey(Array.ConvertAll(roots, Root));

    public StoreSurvey Survey(StoreRoot[] roots, LivenessSettings? settings = null)
    {
        using var database = StoreDatabase.OpenForReading(Store.Location);
        var graph = StoreGraph.Load(database, CancellationToken.None);
        return StoreSurvey.Make(graph, roots, settings ?? new LivenessSettings(), DirectorySurvey.Read(graph, CancellationToken.None));
    }

    public StoreRoot Root(string name) => new()
    {
        Store = Store.Location.Url,
        Kind = StoreRootKind.Permanent,
        Origin = StoreRootOrigin.DirectLink,
        State = StoreRootState.Active,
        Path = Store.Full(name),
        Link = $"/gcroots/{name}",
        Target = Store.Full(name),
    };

    public void SetTime(string name, long seconds)
        => Store.Sql($"update ValidPaths set registrationTime = {seconds} where path = '{Store.Full(name)}'");

    public void Grow(string name, int bytes)
    {
        var file = Store.Location.RealPathOf(SmallStore.PathOf(name));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllBytes(file, new byte[bytes]);
    }

    public static StoreGarbagePlan Plan(StoreSurvey survey, StoreGarbagePolicy? policy = null, Func<string, bool>? isWanted = null)
        => GarbagePlanner.Plan(survey, policy ?? new StoreGarbagePolicy(), isWanted, 2, null, CancellationToken.None);

    public static IReadOnlyList<GarbageItem> Choose(StoreSurvey survey, StoreGarbagePolicy policy, Func<string, bool>? isWanted = null)
        => GarbagePlanner.Choose(survey, policy, isWanted, 2, null, CancellationToken.None);

    /// <summary>The names of paths, without their hash parts.</summary>
    public static IEnumerable<string> Names(IEnumerable<string> paths) => paths.Select(path => path[(path.LastIndexOf('/') + 1)..]).Select(
        name => StorePath.TryParse(name, out var path) ? path.Name : name);

    public static IEnumerable<string> Names(IEnumerable<GarbageItem> items) => Names(items.Select(item => item.Path));

    public void Dispose() => Store.Dispose();
}
