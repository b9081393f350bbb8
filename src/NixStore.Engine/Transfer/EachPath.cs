using System.Runtime.ExceptionServices;
using NixStore.Engine.Sources;

namespace NixStore.Engine.Transfer;

/// <summary>Work on many paths of a store at once that do not depend on each other.</summary>
internal static class EachPath
{
    /// <summary>Finds paths and works on each; an error with one is told, and the others go on.</summary>
    /// <exception cref="OperationCanceledException"/>
    internal static void Run(
        LocalStoreSource source, IReadOnlyCollection<StorePath> paths, bool withClosure, int threads, TransferProgress progress,
        Action<SourcePath> work, Action<StorePath, NixStoreException> failed, CancellationToken cancellation)
    {
        var requested = paths.ToHashSet();
        var closure = ClosureFinder.For(source, source.Store.Directory, requested, withClosure, _ => false);
        var found = new List<SourcePath>();
        foreach (var path in requested)
        {
            Try(path, () => found.AddRange(closure.Find(path, cancellation)));
        }

        found.ForEach(progress.Expect);
        try
        {
            Parallel.ForEach(found, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, path =>
            {
                Try(path.Info.Path, () => work(path));
                progress.AddBytes(path.Info.NarSize);
                progress.AddPath();
            });
        }
        catch (AggregateException errors)
        {
            cancellation.ThrowIfCancellationRequested();
            ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }

        void Try(StorePath path, Action action)
        {
            try
            {
                action();
            }
            catch (NixStoreException error)
            {
                failed(path, error);
            }
        }
    }
}
