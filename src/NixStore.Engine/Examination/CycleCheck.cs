using NixStore.Engine.Graph;

namespace NixStore.Engine.Examination;

/// <summary>
/// Paths that refer to each other in a circle, which Nix never registers: closures and collections fail on them (NIX-ON-DAMAGE, case g4).
/// </summary>
internal sealed class CycleCheck : IDatabaseCheck
{
    private const int NamedPaths = 8;

    /// <inheritdoc/>
    public string Subject => "cycles of references";

    /// <inheritdoc/>
    public IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined)
    {
        var graph = examined.Graph;
        var (_, cyclic) = ReferrersFirst.Sort(graph, _ => true);
        foreach (var component in StrongComponents.Find(graph.References, cyclic))
        {
            var cycle = StrongComponents.FindCycle(graph.References, component);
            var names = cycle.Take(NamedPaths).Select(graph.PathOf).ToList();
            var rest = cycle.Count > NamedPaths ? $" -> … ({cycle.Count - NamedPaths} more)" : "";
            yield return examined.Found(StoreDatabaseFindingKind.ReferenceCycle,
                $"{component.Count} paths refer to each other: {string.Join(" -> ", names)}{rest} -> {names[0]}", "Refs", path: names[0]);
        }
    }
}
