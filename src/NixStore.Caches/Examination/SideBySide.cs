namespace NixStore.Caches.Examination;

/// <summary>
/// Does the same with many things, several at once, on threads of their own: those of the pool are left to the requests that this work waits for.
/// </summary>
internal static class SideBySide
{
    /// <summary>Returns when all is done; throws the first error, after which nothing new is begun.</summary>
    public static void Run<T>(IEnumerable<T> things, int threads, Action<T, CancellationToken> work, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var next = things.GetEnumerator();
        var gate = new Lock();
        var workers = Enumerable.Range(0, Math.Max(1, threads))
            .Select(_ => Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        try
        {
            Task.WaitAll(workers, CancellationToken.None);
        }
        catch (AggregateException errors)
        {
            var first = errors.InnerExceptions.FirstOrDefault(e => e is not OperationCanceledException) ?? errors.InnerExceptions[0];
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        }

        void Work()
        {
            try
            {
                while (Take() is { } taken)
                {
                    work(taken.Thing, stop.Token);
                }
            }
            catch
            {
                stop.Cancel();
                throw;
            }
        }

        Taken<T>? Take()
        {
            lock (gate)
            {
                stop.Token.ThrowIfCancellationRequested();
                return next.MoveNext() ? new Taken<T>(next.Current) : null;
            }
        }
    }

    private sealed record Taken<T>(T Thing);
}
