using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Transfer;

namespace NixStore.Engine.Rebuilding;

/// <summary>
/// Finds the content address of a path by trying the methods that Nix has until one gives the path's name (STORE-SPEC §3, §4). Not thread-safe.
/// </summary>
/// <param name="logical">The logical store directory.</param>
/// <param name="directory">The open store directory.</param>
internal sealed class AddressFinder(StoreDirectory logical, FileDescriptor directory) : IDisposable
{
    /// <summary>So many references are tried in all combinations: a file made by toFile may mention more than it refers to.</summary>
    private const int MostTried = 10;

    private static readonly NixHashAlgorithm[] s_others = [NixHashAlgorithm.Sha1, NixHashAlgorithm.Sha512, NixHashAlgorithm.Md5];

    private readonly StorePathFactory _factory = new(logical);
    private readonly NarHasher _sha256 = new();

    /// <summary>The address that proves a path; null when none does, so that it is one that was built, or is damaged.</summary>
    /// <param name="path">The path.</param>
    /// <param name="nar">What its contents hash to.</param>
    /// <param name="found">Paths that its contents mention, sorted.</param>
    /// <param name="facts">What it is.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="NarTreeException"/>
    /// <exception cref="StoreIOException"/>
    internal ProvedAddress? Find(StorePath path, NarHash nar, IReadOnlyList<StorePath> found, TreeFacts facts, CancellationToken cancellation)
    {
        var name = ByteName.From(path.BaseName);
        return Try(path, ContentAddressMethod.Nar, nar.Hash, [])
            ?? (found.Count > 0 ? FindReferring(path, name, nar, found, cancellation) : null)
            ?? (facts.Type == FileType.Regular ? FindFile(path, name, found, facts, cancellation) : null)
            ?? (found.Count == 0 ? FindOther(path, name, ContentAddressMethod.Nar, cancellation) : null);
    }

    /// <summary>True when the contents have the address that the derivation gives; null when it is of a kind that cannot be computed.</summary>
    /// <inheritdoc cref="Find"/>
    internal bool? Has(StorePath path, ContentAddress expected, NarHash nar, TreeFacts facts, CancellationToken cancellation)
    {
        if (!ContentAddressHash.IsSupported(expected))
        {
            return null;
        }

        if (expected is { Method: ContentAddressMethod.Nar, Hash.Algorithm: NixHashAlgorithm.Sha256 })
        {
            return expected.Hash.Equals(nar.Hash);
        }

        return (expected.Method == ContentAddressMethod.Nar || facts.Type == FileType.Regular) && expected.Hash.Equals(
            ContentAddressHash.Compute(directory, ByteName.From(path.BaseName), expected.Method, expected.Hash.Algorithm, cancellation));
    }

    /// <inheritdoc/>
    public void Dispose() => _sha256.Dispose();

    /// <summary>Added with references, as content-addressed outputs are.</summary>
    private ProvedAddress? FindReferring(
        StorePath path, byte[] name, NarHash nar, IReadOnlyList<StorePath> found, CancellationToken cancellation)
    {
        if (!found.Contains(path))
        {
            return Try(path, ContentAddressMethod.Nar, nar.Hash, found);
        }

        var modulo = _sha256.HashTreeModulo(directory, name, path.HashPart, null, cancellation);
        return Try(path, ContentAddressMethod.Nar, modulo.WithPositions, found) ?? Try(path, ContentAddressMethod.Nar, modulo.WithoutPositions, found);
    }

    /// <summary>A file made by toFile, or added by its bytes.</summary>
    private ProvedAddress? FindFile(
        StorePath path, byte[] name, IReadOnlyList<StorePath> found, TreeFacts facts, CancellationToken cancellation)
    {
        NixHash hash;
        using (var file = Posix.OpenAt(directory, name, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking | OpenFlags.NoAccessTime))
        {
            hash = _sha256.HashFile(file, cancellation).Hash;
        }

        return Try(path, ContentAddressMethod.Flat, hash, [])
            ?? (facts.IsExecutable ? null : FindText(path, hash, found))
            ?? FindOther(path, name, ContentAddressMethod.Flat, cancellation);
    }

    private ProvedAddress? FindText(StorePath path, NixHash hash, IReadOnlyList<StorePath> found)
    {
        if (found.Count > MostTried)
        {
            return Try(path, ContentAddressMethod.Text, hash, found) ?? Try(path, ContentAddressMethod.Text, hash, []);
        }

        // All of them first, none of them last.
        for (var chosen = (1 << found.Count) - 1; chosen >= 0; chosen--)
        {
            if (Try(path, ContentAddressMethod.Text, hash, [.. found.Where((_, i) => (chosen & (1 << i)) != 0)]) is { } address)
            {
                return address;
            }
        }

        return null;
    }

    /// <summary>Other algorithms than SHA-256: these allow no references.</summary>
    private ProvedAddress? FindOther(StorePath path, byte[] name, ContentAddressMethod method, CancellationToken cancellation) => s_others
        .Select(algorithm => Try(path, method, ContentAddressHash.Compute(directory, name, method, algorithm, cancellation), []))
        .FirstOrDefault(address => address is not null);

    private ProvedAddress? Try(StorePath path, ContentAddressMethod method, NixHash hash, IReadOnlyList<StorePath> references)
    {
        var address = new ContentAddress(method, hash);
        return _factory.Proves(path, address, references) ? new ProvedAddress(address, references) : null;
    }
}
