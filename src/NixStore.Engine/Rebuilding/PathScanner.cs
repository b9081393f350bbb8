using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Rebuilding;

/// <summary>
/// Reads paths, one after another and each of them once where that is enough: hash, size, mentioned paths, content address. Not thread-safe:
/// one for each worker.
/// </summary>
internal sealed class PathScanner : IDisposable
{
    private readonly DerivationIndex _derivations;
    private readonly StorePathFactory _factory;
    private readonly FileDescriptor _directory;
    private readonly NarHasher _hasher = new();
    private readonly ReferenceScanner _references;
    private readonly TreeFacts _facts = new();
    private readonly AddressFinder _addresses;

    /// <summary>Prepares to read paths of a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="derivations">Its derivations.</param>
    /// <param name="candidates">What a path may refer to; shared by all workers.</param>
    /// <exception cref="StoreIOException">The store directory cannot be opened.</exception>
    internal PathScanner(StoreLocation store, DerivationIndex derivations, ReferenceTable candidates)
    {
        _derivations = derivations;
        _factory = new StorePathFactory(store.Directory);
        _directory = QuietDirectory.Open(store.RealDirectory);
        _references = new ReferenceScanner(candidates);
        _addresses = new AddressFinder(store.Directory, _directory);
    }

    /// <summary>Reads a path.</summary>
    /// <exception cref="NarTreeException"/>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    internal ScannedPath Scan(StorePath path, CancellationToken cancellation)
    {
        var makers = _derivations.MakersOf(path);
        var demanded = makers.Select(maker => maker.Output.ContentAddress).FirstOrDefault(address => address is not null);

        // The address of a fixed output leaves no room for references in its name.
        var hash = Hash(path, wantsReferences: demanded is null, cancellation);
        var scanned = new ScannedPath
        {
            Path = path,
            Nar = hash,
            IsClaimed = makers.Count > 0,
            Found = demanded is null ? [.. _references.Found] : [],
            ChangeTime = _facts.ChangeTime,
            WasCanonicalised = _facts.WasCanonicalised,
            IsEmptied = _facts.IsEmptied,
        };
        if (demanded is not null && _factory.Proves(path, demanded, []))
        {
            return _addresses.Has(path, demanded, hash, _facts, cancellation) switch
            {
                false => scanned with { Contradicted = demanded },
                var known => scanned with { Address = new ProvedAddress(demanded, []), HasCheckedAddress = known is true },
            };
        }

        // What a derivation makes of its inputs has no content address.
        return makers.Count > 0 ? scanned : scanned with { Address = _addresses.Find(path, hash, scanned.Found, _facts, cancellation) };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _addresses.Dispose();
        _references.Dispose();
        _hasher.Dispose();
        _directory.Dispose();
    }

    private NarHash Hash(StorePath path, bool wantsReferences, CancellationToken cancellation)
    {
        _facts.Clear();
        _references.Reset();
        return _hasher.HashTree(_directory, ByteName.From(path.BaseName), _facts, null, cancellation, wantsReferences ? _references : null);
    }
}
