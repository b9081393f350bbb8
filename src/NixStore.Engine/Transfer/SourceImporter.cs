using NixStore.Engine.Sources;

namespace NixStore.Engine.Transfer;

/// <summary>Imports paths that a source offers, alone or with their closures, several at once.</summary>
/// <param name="importer">The store they go to.</param>
/// <param name="source">Who has them.</param>
/// <param name="trust">Whether the source is believed.</param>
/// <param name="threads">Paths at once.</param>
public sealed class SourceImporter(PathImporter importer, IContentSource source, ImportTrust trust, int threads)
{
    /// <summary>How far it is.</summary>
    public TransferProgress Progress { get; } = new();

    /// <summary>Imports paths. An error with one of them is told, and the others go on.</summary>
    /// <param name="paths">Which.</param>
    /// <param name="withClosure">True to bring what they need along; otherwise that must be valid already.</param>
    /// <param name="imported">Told of each path that was added, and of each in <paramref name="paths"/> that was valid before. Any thread.</param>
    /// <param name="failed">Told of each path that could not be added; with a closure, also of its parts. Any thread.</param>
    /// <param name="cancellation">Ends the work; what has been added by then is complete.</param>
    /// <exception cref="OperationCanceledException"/>
    public void Import(
        IReadOnlyCollection<StorePath> paths, bool withClosure, Action<ImportedPath> imported, Action<StorePath, NixStoreException> failed,
        CancellationToken cancellation)
    {
        var wanted = Find(paths, withClosure, imported, failed, cancellation);
        wanted.ForEach(Progress.Expect);
        InReferenceOrder.Run(
            wanted, importer.Store.Location.Directory, importer.Store.Location.Url, threads,
            (path, awaitReferences, stop) =>
            {
                var result = importer.Add(
                    path.Info, () => new ProgressStream(source.OpenNar(path, stop), Progress), trust, source.Name, awaitReferences, stop);
                Progress.AddPath();
                imported(result);
            },
            failed, cancellation);
    }

    private List<SourcePath> Find(
        IReadOnlyCollection<StorePath> paths, bool withClosure, Action<ImportedPath> imported, Action<StorePath, NixStoreException> failed,
        CancellationToken cancellation)
    {
        var requested = paths.ToHashSet();
        var closure = ClosureFinder.For(
            source, importer.Store.Location.Directory, requested, withClosure, path => importer.ProtectIfValid(path, cancellation));
        var wanted = new List<SourcePath>();
        foreach (var path in requested)
        {
            try
            {
                if (importer.ProtectIfValid(path, cancellation))
                {
                    imported(new ImportedPath(path, WasValid: true, 0));
                }
                else
                {
                    wanted.AddRange(closure.Find(path, cancellation));
                }
            }
            catch (NixStoreException error)
            {
                failed(path, error);
            }
        }

        return wanted;
    }
}
