namespace NixStore.Catalog.Graph;

/// <summary>Names of the files of a graph.</summary>
internal static class GraphFiles
{
    /// <summary>An <see cref="EdgeSpan"/> for each narinfo.</summary>
    internal static string Spans(string folder) => Path.Combine(folder, "spans.bin");

    /// <summary>The number of what is referenced, four bytes each.</summary>
    internal static string Edges(string folder) => Path.Combine(folder, "edges.bin");
}
