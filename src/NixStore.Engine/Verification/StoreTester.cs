using NixStore.Engine.Database;
using NixStore.Engine.Diagnosis;
using NixStore.Engine.Signatures;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Verification;

/// <summary>Tests paths of one store on several threads: what the <see cref="PathTester"/>s share.</summary>
public sealed class StoreTester : IDisposable
{
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
        var links = new LinksIndex(store);
        var proof = new TrustCheck(new TrustedKeys(known.Keys.Concat(trusted?.Keys ?? [])), store.Directory);
        var trust = trusted is null ? null : new TrustCheck(trusted, store.Directory);
        _candidates = new ReferenceCandidates(StoreDatabase.OpenForReading(store));
        _threads = new WorkerThreads<PathTester>(workers, () => new PathTester(store, links, _candidates, proof, trust));
    }

    /// <summary>Tests the path of a row on one of the threads.</summary>
    public Task<StorePathInfo> Test(PathRow row, CancellationToken cancellation) => _threads.Run(tester => tester.Test(row, cancellation).Info, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _threads.Dispose();
        _candidates.Dispose();
    }
}
