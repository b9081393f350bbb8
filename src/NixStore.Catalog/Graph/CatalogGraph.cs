using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NixStore.Catalog.Storage;
using NixStore.Engine.Native;

namespace NixStore.Catalog.Graph;

/// <summary>
/// The graph in a catalog's folder: <c>graph/</c> and a name that says of which narinfos it is. It is derived, so it is built when it is asked
/// for and not there, appears whole by a rename, and those of narinfos that are no more go.
/// </summary>
public sealed class CatalogGraph : IDisposable
{
    private const string FolderName = "graph";
    private const string UnfinishedPrefix = "tmp-";
    private readonly ReferenceGraph _graph;

    private CatalogGraph(ReferenceGraph graph) => _graph = graph;

    /// <summary>Number of narinfos.</summary>
    public int Count => _graph.Count;

    /// <summary>Number of references among them, those to themselves not counted.</summary>
    public long ReferenceCount => _graph.Summary.References;

    /// <summary>Number of references to what the catalog does not have.</summary>
    public long DanglingReferenceCount => _graph.Summary.DanglingReferences;

    /// <summary>The graph itself.</summary>
    internal ReferenceGraph References => _graph;

    /// <summary>Opens the graph of a catalog, and builds it first when there is none of its narinfos.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="threads">How many threads build.</param>
    /// <param name="progress">Gets the narinfos read, of twice as many in all, some times a second; null = nobody wants to know.</param>
    /// <param name="cancellation">Ends the building.</param>
    /// <exception cref="NixStoreException">CatalogGraphDamaged, CatalogHashMalformed, CatalogHashTwice, CatalogTooLarge; errors of writing.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static CatalogGraph Open(CacheCatalog catalog, int threads, Action<long>? progress, CancellationToken cancellation)
    {
        var all = Path.Combine(catalog.Directory, FolderName);
        var name = NameFor(catalog.Manifest);
        var folder = Path.Combine(all, name);
        if (ReferenceGraph.TryOpen(folder) is { } graph)
        {
            return new CatalogGraph(graph);
        }

        Build(catalog, all, name, threads, progress, cancellation);
        return new CatalogGraph(ReferenceGraph.TryOpen(folder) ?? throw GraphErrors.Damaged(folder));
    }

    /// <summary>Walks from roots.</summary>
    /// <param name="roots">Hash parts; those that the catalog does not have are passed over.</param>
    /// <param name="threads">How many threads walk.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException"/>
    public CatalogReachability Reach(IEnumerable<string> roots, int threads, CancellationToken cancellation)
    {
        var found = roots.Select(hash => _graph.Find(Encoding.ASCII.GetBytes(hash))).Where(narinfo => narinfo >= 0);
        return new CatalogReachability(_graph, Reachability.Walk(_graph, found, threads, null, cancellation));
    }

    /// <inheritdoc/>
    public void Dispose() => _graph.Dispose();

    /// <summary>A digest of the parts.</summary>
    private static string NameFor(CatalogManifest manifest)
    {
        var text = string.Concat(manifest[CatalogTable.NarInfos].Parts.Select(part => part.DigestLine));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
    }

    private static void Build(CacheCatalog catalog, string all, string name, int threads, Action<long>? progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(all);
        var unfinished = Path.Combine(all, string.Create(CultureInfo.InvariantCulture, $"{UnfinishedPrefix}{Environment.ProcessId}"));
        Remove(unfinished);
        Directory.CreateDirectory(unfinished);
        try
        {
            var builder = new ReferenceGraphBuilder(new NarInfoReferences(catalog), threads);
            using (new Timer(_ => progress?.Invoke(builder.Progress), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(250)))
            {
                builder.Build(unfinished, cancellation);
            }

            Publish(all, unfinished, name);
        }
        finally
        {
            Remove(unfinished);
        }

        foreach (var other in Directory.EnumerateDirectories(all).Where(other => Path.GetFileName(other) != name && !IsAtWork(other)))
        {
            Remove(other);
        }
    }

    private static void Publish(string all, string unfinished, string name)
    {
        using var folder = Posix.Open(all, OpenFlags.ReadOnly | OpenFlags.Directory);
        using (var built = Posix.Open(unfinished, OpenFlags.ReadOnly | OpenFlags.Directory))
        {
            Posix.Fsync(built);
        }

        // What lies there is a graph of the same narinfos that somebody else was quicker to build, or one without a summary that can be read.
        Remove(Path.Combine(all, name));
        Directory.Move(unfinished, Path.Combine(all, name));
        Posix.Fsync(folder);
    }

    /// <summary>True of the unfinished graph of a process that lives.</summary>
    private static bool IsAtWork(string folder)
        => Path.GetFileName(folder) is var name && name.StartsWith(UnfinishedPrefix, StringComparison.Ordinal) && Directory.Exists($"/proc/{name[UnfinishedPrefix.Length..]}");

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
