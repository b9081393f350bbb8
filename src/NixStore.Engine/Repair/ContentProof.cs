using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Verification;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Repair;

/// <summary>
/// Proves the files of a path without its registered hash: by a trusted signature over what they hash to, or by their content address,
/// which the path's own name is made of. Needed where the row is what is damaged.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="descriptions">What sources say.</param>
/// <param name="options">Who is believed.</param>
internal sealed class ContentProof(WritableStore store, TrustedDescription descriptions, RepairOptions options)
{
    private static readonly NixHashAlgorithm[] s_algorithms =
        [NixHashAlgorithm.Sha256, NixHashAlgorithm.Sha1, NixHashAlgorithm.Sha512, NixHashAlgorithm.Md5];

    private readonly StorePathFactory _factory = new(store.Location.Directory);

    /// <summary>Says what proves the files as they are; null when nothing does.</summary>
    internal string? Prove(VerifiedPath path, RepairTrail trail, CancellationToken cancellation)
    {
        if (path.Actual is not { } actual)
        {
            return null;
        }

        if (options.TrustedKeys.Verifies(path.ToValidPathInfo(), store.Location.Directory, out var signature))
        {
            return $"signature by {signature.KeyName}";
        }

        // Only where the name may be made of the contents: for a built output the many hashes would be for nothing.
        var mayBeAddressed = path.Row.ContentAddress is not null || path.Parsed.Deriver is null;
        if (mayBeAddressed && FindContentAddress(path, path.Parsed.References, cancellation) is not null)
        {
            return "content address";
        }

        return descriptions.Find(path.Parsed.Path!, trail, cancellation) is { } trusted && trusted.Path.Info.NarHash.Equals(actual.Hash)
            ? trusted.Source.Name : null;
    }

    /// <summary>
    /// The content address that the files have and the path's name proves: every method and algorithm is tried, so a damaged column is no
    /// obstacle. Null for an input-addressed path.
    /// </summary>
    /// <exception cref="StoreIOException"/>
    /// <param name="path">The path, its contents readable.</param>
    /// <param name="references">Its references, which are part of what the name is made of.</param>
    /// <param name="cancellation">Ends it.</param>
    internal ContentAddress? FindContentAddress(VerifiedPath path, IReadOnlyCollection<StorePath> references, CancellationToken cancellation)
    {
        var storePath = path.Parsed.Path!;
        return path.Actual is not { } actual ? null
            : Addresses(storePath, actual, cancellation).FirstOrDefault(address => _factory.Proves(storePath, address, references));
    }

    private IEnumerable<ContentAddress> Addresses(StorePath path, NarHash actual, CancellationToken cancellation)
    {
        var name = ByteName.From(path.BaseName);
        yield return new ContentAddress(ContentAddressMethod.Nar, actual.Hash);
        using (var hasher = new NarHasher())
        {
            var modulo = hasher.HashTreeModulo(store.Directory, name, path.HashPart, null, cancellation);
            yield return new ContentAddress(ContentAddressMethod.Nar, modulo.WithPositions);
            yield return new ContentAddress(ContentAddressMethod.Nar, modulo.WithoutPositions);
        }

        if (Posix.StatusAt(store.Directory, name).Type == FileType.Regular)
        {
            using var file = Posix.OpenAt(store.Directory, name, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NoAccessTime);
            foreach (var algorithm in s_algorithms)
            {
                using var hasher = new NarHasher(algorithm);
                var hash = hasher.HashFile(file, cancellation).Hash;
                yield return new ContentAddress(ContentAddressMethod.Flat, hash);
                if (algorithm == NixHashAlgorithm.Sha256)
                {
                    yield return new ContentAddress(ContentAddressMethod.Text, hash);
                }
            }
        }

        foreach (var algorithm in s_algorithms.Where(algorithm => algorithm != NixHashAlgorithm.Sha256))
        {
            using var hasher = new NarHasher(algorithm);
            yield return new ContentAddress(
                ContentAddressMethod.Nar, hasher.HashTree(store.Directory, name, cancellation: cancellation).Hash);
        }
    }
}
