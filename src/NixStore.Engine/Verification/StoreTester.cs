using NixStore.Engine.Database;
using NixStore.Engine.Diagnosis;
using NixStore.Engine.Signatures;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Verification;

/// <summary>Tests paths of one store on several threads: what the <see cref="PathTester"/>s share.</summary>
public sealed class StoreTester : IDisposable
{
    /// <summary>So many tests for each worker are under way: one large path does not keep the others idle.</summary>
    private const int ReadAhead = 4;

    private readonly int _workers;
    private readonly WorkerThreads<PathTester> _threads;
    private readonly ReferenceCandidates _candidates;

    /// <summary>Prepares to test; reads nothing yet but the database's header.</summary>
    /// <param name="store">The store.</param>
    /// <param name="workers">How many paths at once.</param>
    /// <param name="trusted">Keys one of which every path must be signed by; null to leave trust aside.</param>
    /// <param name="known">Keys that are believed anyway: references they sign are not looked for in the contents.</param>
    /// <exception cref="StoreDatabaseException"/>
    public StoreTester(StoreLocation store, int workers, TrustedKeys? trusted, TrustedKeys known)
    {
        _workers = workers;
        var links = new LinksIndex(store);
        var proof = new TrustCheck(new TrustedKeys(known.Keys.Concat(trusted?.Keys ?? [])), store.Directory);
        var trust = trusted is null ? null : new TrustCheck(trusted, store.Directory);
        _candidates = new ReferenceCandidates(StoreDatabase.OpenForReading(store));
        _threads = new WorkerThreads<PathTester>(workers, () => new PathTester(store, links, _candidates, proof, trust));
    }

    /// <summary>Tests the path of a row on one of the threads.</summary>
    public Task<StorePathInfo> Test(PathRow row, CancellationToken cancellation) => _threads.Run(tester => tester.Test(row, cancellation).Info, cancellation);

    /// <summary>Tests the paths of rows, several at once; gives what was found in the order of the rows.</summary>
    /// <param name="rows">The rows; read as they are needed.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="OperationCanceledException"/>
    internal IEnumerable<(PathRow Row, StorePathInfo Info)> Test(IEnumerable<PathRow> rows, CancellationToken cancellation)
    {
        var tests = new Queue<(PathRow Row, Task<StorePathInfo> Test)>();
        foreach (var row in rows)
        {
            tests.Enqueue((row, Test(row, cancellation)));
            if (tests.Count > _workers * ReadAhead)
            {
                yield return Finish(tests.Dequeue());
            }
        }

        while (tests.TryDequeue(out var test))
        {
            yield return Finish(test);
        }

        static (PathRow, StorePathInfo) Finish((PathRow Row, Task<StorePathInfo> Test) test) => (test.Row, test.Test.GetAwaiter().GetResult());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _threads.Dispose();
        _candidates.Dispose();
    }
}
