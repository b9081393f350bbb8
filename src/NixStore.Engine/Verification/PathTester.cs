using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Diagnosis;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Verification;

/// <summary>
/// Verifies one path after another as <see cref="PathVerifier"/> does, and in the same reading whether the registered references are all
/// that the contents have; optionally also whether somebody vouches for the row. Not thread-safe: one for each worker.
/// </summary>
public sealed class PathTester : IDisposable
{
    private readonly StoreLocation _store;
    private readonly PathVerifier _verifier;
    private readonly ReferenceCandidates _candidates;
    private readonly TrustCheck _proof;
    private readonly TrustCheck? _trust;
    private ReferenceScanner? _scanner;
    private IReadOnlyCollection<StorePath>? _scannedFor;

    /// <summary>Prepares to test paths of a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="links">Its links; shared by all workers.</param>
    /// <param name="candidates">Possible references; shared by all workers.</param>
    /// <param name="proof">With the keys that are believed anyway. References that are proved need no scan.</param>
    /// <param name="trust">With the keys one of which every path must be signed by; null to leave trust aside.</param>
    /// <exception cref="Native.StoreIOException">The store directory cannot be opened.</exception>
    public PathTester(StoreLocation store, LinksIndex links, ReferenceCandidates candidates, TrustCheck proof, TrustCheck? trust)
    {
        _store = store;
        _verifier = new PathVerifier(store, links);
        _candidates = candidates;
        _proof = proof;
        _trust = trust;
    }

    /// <summary>Tests the path of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="observer">Looks at every file, in the same reading.</param>
    /// <exception cref="StoreDatabaseException">The candidates could not be read.</exception>
    /// <exception cref="OperationCanceledException"/>
    public VerifiedPath Test(PathRow row, CancellationToken cancellation, NarObserver? observer = null)
    {
        var parsed = RowParser.Parse(row, _store, []);
        var scanner = GetScanner(parsed, cancellation);
        var verified = _verifier.Verify(row, cancellation, scanner, observer);
        var problems = verified.Info.Problems.ToList();
        if (scanner is not null && verified.HasRegisteredContents)
        {
            AddMissingReferences(parsed, scanner, problems);
        }

        if (_trust?.Check(row, parsed) is { } untrusted)
        {
            problems.Add(untrusted);
        }

        return verified with { Info = StorePathInfoFactory.Create(row, verified.Parsed, _store, problems, contentsChecked: true) };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scanner?.Dispose();
        _verifier.Dispose();
    }

    /// <summary>A scanner for the candidates of a path; the last one again when they are the same, since making one costs more than a small path.</summary>
    private ReferenceScanner? GetScanner(ParsedRow parsed, CancellationToken cancellation)
    {
        if (parsed.Path is null || _proof.IsProved(parsed) || _candidates.For(parsed.Path, parsed.Deriver, cancellation) is not { } candidates)
        {
            return null;
        }

        if (!ReferenceEquals(candidates, _scannedFor))
        {
            _scanner?.Dispose();
            _scanner = new ReferenceScanner(candidates);
            _scannedFor = candidates;
        }

        _scanner!.Reset();
        return _scanner;
    }

    private void AddMissingReferences(ParsedRow parsed, ReferenceScanner scanner, List<StorePathProblem> problems)
    {
        scanner.Flush();
        problems.AddRange(scanner.Found.Except(parsed.References).Select(reference => new StorePathProblem(
            StoreProblemKind.RowReference, "", _store.Directory.Print(reference), null,
            $"the contents refer to {_store.Directory.Print(reference)}, the database does not say so")));
    }
}
