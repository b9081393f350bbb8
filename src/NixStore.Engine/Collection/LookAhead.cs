using NixStore.Engine.Liveness;
using NixStore.Engine.Native;

namespace NixStore.Engine.Collection;

/// <summary>
/// Looks at the files of what is to be removed, a batch ahead: while the rows and files of one batch go, the next is looked at.
/// </summary>
/// <param name="items">What is to be removed, in its order.</param>
/// <param name="store">The store directory.</param>
/// <param name="workers">How many things are looked at at once.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class LookAhead(IReadOnlyList<GarbageItem> items, FileDescriptor store, int workers, CancellationToken cancellation) : IDisposable
{
    // Roots for what is in a batch wait until it is gone, so a batch is short; and it is long enough that a transaction for each costs little.
    private const int ThingsInBatch = 1024;
    private const long FilesInBatch = 20_000;

    private readonly TreePool _trees = new();
    private Task<List<Doomed>>? _next;
    private int _position;

    /// <summary>The next batch, to be given back with <see cref="Return"/>; null at the end.</summary>
    /// <exception cref="OperationCanceledException"/>
    internal List<Doomed>? Next()
    {
        var batch = (_next ?? Start()).GetAwaiter().GetResult();
        if (batch.Count == 0)
        {
            _next = null;
            return null;
        }

        _next = Start();
        return batch;
    }

    /// <summary>Takes a batch back, for the buffers in it.</summary>
    internal void Return(List<Doomed> batch)
    {
        foreach (var thing in batch)
        {
            thing.Dispose();
            _trees.Return(thing.Tree);
        }
    }

    /// <summary>Waits for what was begun.</summary>
    public void Dispose()
    {
        if (_next is not null)
        {
            ((IAsyncResult)_next).AsyncWaitHandle.WaitOne();
            if (_next.IsCompletedSuccessfully)
            {
                Return(_next.Result);
            }
        }
    }

    private Task<List<Doomed>> Start() => Task.Run(Look);

    private List<Doomed> Look()
    {
        var batch = new List<Doomed>();
        try
        {
            for (var files = 0L; _position < items.Count && batch.Count < ThingsInBatch && files < FilesInBatch;)
            {
                // As many as there are workers for at a time, so that a batch does not grow far beyond its size.
                var few = items.Skip(_position).Take(Math.Min(workers * 16, ThingsInBatch - batch.Count)).Select(item => new Doomed(item, _trees.Take())).ToList();
                _position += few.Count;
                batch.AddRange(few);
                Parallel.ForEach(
                    few, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation }, thing => thing.Look(store));
                files += few.Sum(thing => thing.Usage.FileCount);
            }

            return batch;
        }
        catch
        {
            Return(batch);
            throw;
        }
    }
}
