namespace NixStore;

/// <summary>
/// Lists as PowerShell can index them: <c>$x.Files[0]</c> is the whole list where its type is one that the compiler makes for a collection
/// expression, since PowerShell sees no indexer of a type that is not public.
/// </summary>
internal static class Indexable
{
    /// <summary>The list itself where PowerShell can index it, else an array.</summary>
    internal static IReadOnlyList<T> Of<T>(IReadOnlyList<T> list) => list is T[] or List<T> ? list : list.ToArray();
}
