using NixStore.Engine.Graph;
using NixStore.Engine.Roots;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary>Warnings that several commands give.</summary>
internal static class CommonWarnings
{
    /// <summary>Of roots that could not be read.</summary>
    public static void OfRoots(RootScanner scanner, IReport report)
    {
        foreach (var error in scanner.Incomplete)
        {
            Of(error, report);
        }
    }

    /// <summary>Of an error that does not end the command, with what to do about it.</summary>
    public static void Of(NixStoreException error, IReport report) => report.Warn($"{error.Message} {error.Remedy}".TrimEnd());

    /// <summary>Of references that lead nowhere.</summary>
    public static void OfGraph(StoreGraph graph, IReport report)
    {
        if (graph.DanglingReferences.Count > 0)
        {
            report.Warn($"The database of the store {graph.Store.Url} has {graph.DanglingReferences.Count} references from or to rows that do not exist: "
                + "chains through these are not seen.");
        }
    }
}
