using System.Runtime.ExceptionServices;
using NixStore.Engine.Sources;

namespace NixStore.Engine.Transfer;

/// <summary>
/// Works on many paths at once, while each is published only after its references. Workers take paths in the given order, references first;
/// whoever waits for a reference therefore waits for a worker that is at it, and nobody waits in a circle.
/// </summary>
public sealed class InReferenceOrder
{
    private readonly Dictionary<StorePath, TaskCompletionSource<bool>> _finished;
    private readonly IReadOnlyList<SourcePath> _paths;
    private readonly StoreDirectory _directory;
    private readonly string _destination;
    private readonly CancellationTokenSource _stop;
    private int _next = -1;

    private InReferenceOrder(IReadOnlyList<SourcePath> paths, StoreDirectory directory, string destination, CancellationTokenSource stop)
    {
        _paths = paths;
        _directory = directory;
        _destination = destination;
        _stop = stop;
        _finished = paths.ToDictionary(
            path => path.Info.Path, _ => new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    /// <summary>What is done with one path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="awaitReferences">
    /// To be called before it is published; returns when its references are, throws when one failed. Null when all of them are elsewhere.
    /// </param>
    /// <param name="cancellation">Ends the work.</param>
    public delegate void Work(SourcePath path, Action? awaitReferences, CancellationToken cancellation);

    /// <summary>Works on all paths; an error with one also fails those that need it, but no others.</summary>
    /// <param name="paths">What <see cref="ClosureFinder"/> gave: references first.</param>
    /// <param name="directory">The logical store directory, for messages.</param>
    /// <param name="destination">Where the paths go, for messages.</param>
    /// <param name="threads">How many at once.</param>
    /// <param name="work">What to do with each, on one of these threads.</param>
    /// <param name="failed">Told of each path that failed, on one of these threads.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="OperationCanceledException"/>
    public static void Run(
        IReadOnlyList<SourcePath> paths, StoreDirectory directory, string destination, int threads, Work work,
        Action<StorePath, NixStoreException> failed, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var order = new InReferenceOrder(paths, directory, destination, stop);
        var workers = Enumerable.Range(0, Math.Clamp(threads, 1, Math.Max(paths.Count, 1)))
            .Select(_ => Task.Factory.StartNew(
                () => order.WorkThrough(work, failed), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))
            .ToArray();
        try
        {
            Task.WaitAll(workers, CancellationToken.None);
        }
        catch (AggregateException errors)
        {
            // The others were only told to stop.
            var cause = errors.Flatten().InnerExceptions.FirstOrDefault(error => error is not OperationCanceledException);
            cancellation.ThrowIfCancellationRequested();
            ExceptionDispatchInfo.Throw(cause ?? errors.InnerExceptions[0]);
        }
    }

    private void WorkThrough(Work work, Action<StorePath, NixStoreException> failed)
    {
        try
        {
            for (int index; (index = Interlocked.Increment(ref _next)) < _paths.Count;)
            {
                _stop.Token.ThrowIfCancellationRequested();
                var path = _paths[index];
                try
                {
                    RefuseWhenReferenceFailed(path, wait: false);
                    Action? awaitReferences = ReferencesAtWork(path).Any() ? () => RefuseWhenReferenceFailed(path, wait: true) : null;
                    work(path, awaitReferences, _stop.Token);
                    _finished[path.Info.Path].SetResult(true);
                }
                catch (NixStoreException error)
                {
                    _finished[path.Info.Path].SetResult(false);
                    failed(path.Info.Path, error);
                }
            }
        }
        catch
        {
            _stop.Cancel();
            throw;
        }
    }

    private void RefuseWhenReferenceFailed(SourcePath path, bool wait)
    {
        foreach (var reference in ReferencesAtWork(path))
        {
            var finished = _finished[reference].Task;
            if (wait)
            {
                finished.Wait(_stop.Token);
            }

            if (finished is { IsCompleted: true, Result: false })
            {
                throw TransferErrors.ReferenceNotValid(path.Info.Path, reference, _directory, _destination);
            }
        }
    }

    private IEnumerable<StorePath> ReferencesAtWork(SourcePath path)
        => path.Info.References.Where(reference => !reference.Equals(path.Info.Path) && _finished.ContainsKey(reference));
}
