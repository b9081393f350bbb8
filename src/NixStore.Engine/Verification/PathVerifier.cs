using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Diagnosis;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Verification;

/// <summary>
/// Verifies one path after another: row, contents, size, content address and metadata. Whatever goes wrong with a path becomes a problem
/// of that path. Not thread-safe: one for each worker.
/// </summary>
public sealed class PathVerifier : IDisposable
{
    private readonly StoreLocation _store;
    private readonly StorePathFactory _paths;
    private readonly FileDescriptor _directory;
    private readonly MetadataObserver _metadata;
    private readonly NarHasher _hasher = new();
    private readonly Diagnostician _diagnostician;

    /// <summary>Prepares to verify paths of a store.</summary>
    /// <exception cref="StoreIOException">The store directory cannot be opened.</exception>
    public PathVerifier(StoreLocation store, LinksIndex links)
    {
        _store = store;
        _paths = new StorePathFactory(store.Directory);
        _directory = QuietDirectory.Open(store.RealDirectory);
        _metadata = new MetadataObserver(StoreOwner.Of(_directory));
        _diagnostician = new Diagnostician(links);
    }

    /// <summary>Verifies the path of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="also">Gets the archive of the contents as well, in the same reading.</param>
    /// <param name="observer">Looks at every file as well, in the same reading.</param>
    /// <exception cref="OperationCanceledException"/>
    public VerifiedPath Verify(PathRow row, CancellationToken cancellation, NarSink? also = null, NarObserver? observer = null)
    {
        var problems = new List<StorePathProblem>(0);
        var parsed = RowParser.Parse(row, _store, problems);
        ContentsVerdict contents = default;
        if (parsed.Path is not null)
        {
            // With a reference missing, the path is not proved by those that are left: the address may be as right as it ever was.
            if (row.DanglingReferences.Count == 0)
            {
                CheckContentAddress(parsed, problems);
            }

            contents = CheckContents(parsed, problems, also, observer, cancellation);
        }

        return new VerifiedPath(
            StorePathInfoFactory.Create(row, parsed, _store, problems, contentsChecked: true), row, parsed, contents.Actual, contents.Explanation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _diagnostician.Dispose();
        _hasher.Dispose();
        _directory.Dispose();
    }

    private ContentsVerdict CheckContents(
        ParsedRow row, List<StorePathProblem> problems, NarSink? also, NarObserver? observer, CancellationToken cancellation)
    {
        var name = ByteName.From(row.Path!.BaseName);
        _metadata.Found.Clear();
        NarObserver all = observer is null ? _metadata : new NarObserverPair(_metadata, observer);
        try
        {
            var actual = _hasher.HashTree(_directory, name, all, null, cancellation, also);
            _metadata.Found.AddTo(problems);
            return Compare(name, row, actual, problems, cancellation);
        }
        catch (NarTreeException error) when (error.ErrorId == "UnsupportedFileType")
        {
            _metadata.Found.AddTo(problems);
            return new ContentsVerdict(null, Diagnose(name, row.NarHash, problems, cancellation));
        }
        catch (NixStoreException error) when (error is NarTreeException or StoreIOException)
        {
            problems.Add(ToProblem(error, name));
            return default;
        }
    }

    private ContentsVerdict Compare(
        ReadOnlySpan<byte> name, ParsedRow row, NarHash actual, List<StorePathProblem> problems, CancellationToken cancellation)
    {
        if (row.NarHash is null)
        {
            return new ContentsVerdict(actual, null);
        }

        if (actual.Hash.Equals(row.NarHash))
        {
            if (row.NarSize is { } size && size != actual.Size)
            {
                problems.Add(new(StoreProblemKind.RowSize, "", Text(actual.Size), Text(size),
                    $"the registered size is {size}, the contents, which have the registered hash, are {actual.Size} bytes"));
            }

            return new ContentsVerdict(actual, null);
        }

        problems.Insert(0, new(StoreProblemKind.HashMismatch, "", row.NarHash.ToString(), actual.Hash.ToString(), row.NarSize is { } expected
            && expected != actual.Size ? $"the contents have {actual.Size} bytes instead of {expected}" : "the contents were modified"));
        return new ContentsVerdict(actual, Diagnose(name, row.NarHash, problems, cancellation));
    }

    private Explanation? Diagnose(ReadOnlySpan<byte> name, NixHash? expected, List<StorePathProblem> problems, CancellationToken cancellation)
    {
        try
        {
            var explanation = _diagnostician.Explain(_directory, name, expected, cancellation);
            problems.AddRange(explanation.Problems);
            return explanation;
        }
        catch (NixStoreException error) when (error is NarTreeException or StoreIOException)
        {
            problems.Add(ToProblem(error, name));
            return null;
        }
    }

    private void CheckContentAddress(ParsedRow row, List<StorePathProblem> problems)
    {
        if (row.ContentAddress is { } address && !_paths.Proves(row.Path!, address, row.References))
        {
            problems.Add(new(StoreProblemKind.RowContentAddress, "", null, address.ToString(),
                "the content address and the references do not give this path"));
        }
    }

    private StorePathProblem ToProblem(NixStoreException error, ReadOnlySpan<byte> name) => error switch
    {
        NarTreeException { ErrorId: "TreeTooDeep" } tree
            => new(StoreProblemKind.LimitExceeded, tree.RelativePath.ToString(), Detail: tree.Message),
        NarTreeException tree => new(StoreProblemKind.Vanished, tree.RelativePath.ToString(), Detail: tree.Message),
        StoreIOException { ErrorNumber: Errno.NoEntry } when !Posix.TryStatusAt(_directory, name, out _, out _)
            => new(StoreProblemKind.Missing, Detail: "registered, but not on disk"),
        _ => new(StoreProblemKind.ReadError, RelativeTo(error.Target, name), Detail: error.Message),
    };

    private string RelativeTo(string? target, ReadOnlySpan<byte> name)
    {
        var prefix = _directory.Combine(name) + "/";
        return target?.StartsWith(prefix, StringComparison.Ordinal) == true ? target[prefix.Length..] : "";
    }

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private readonly record struct ContentsVerdict(NarHash? Actual, Explanation? Explanation);
}

/// <summary>A verified path with what a repair wants to know beyond the object for the user.</summary>
/// <param name="Info">The object.</param>
/// <param name="Row">The row as it stands.</param>
/// <param name="Parsed">Its fields.</param>
/// <param name="Actual">What the contents hash to; null when they could not be read.</param>
/// <param name="Explanation">What is known about wrong contents; null when they are right or unreadable.</param>
public sealed record VerifiedPath(StorePathInfo Info, PathRow Row, ParsedRow Parsed, NarHash? Actual, Explanation? Explanation)
{
    /// <summary>True when the contents have the registered hash.</summary>
    public bool HasRegisteredContents => Parsed.NarHash is not null && Actual is { } actual && actual.Hash.Equals(Parsed.NarHash);

    /// <summary>The path as its row and contents describe it, for signatures; the hash is that of the contents where they could be read.</summary>
    /// <exception cref="InvalidOperationException">The row's path or hash is malformed and there are no contents.</exception>
    internal ValidPathInfo ToValidPathInfo() => new()
    {
        Path = Parsed.Path ?? throw new InvalidOperationException("The row has no store path."),
        NarHash = Actual?.Hash ?? Parsed.NarHash ?? throw new InvalidOperationException("The row has no hash."),
        NarSize = Actual?.Size ?? Parsed.NarSize ?? 0,
        References = Parsed.References,
        Deriver = Parsed.Deriver,
        Signatures = Parsed.Signatures,
        ContentAddress = Parsed.ContentAddress,
        RegistrationTime = Parsed.RegistrationTime,
    };
}
