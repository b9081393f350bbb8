using System.Security.Cryptography;

namespace NixStore.Engine.Archive;

/// <summary>Hashes what it takes.</summary>
public sealed class HashSink : NarSink
{
    private readonly IncrementalHash _hash;

    /// <summary>Makes a sink for SHA-256, the algorithm of NAR hashes, or another one.</summary>
    /// <exception cref="NixStoreException">UnsupportedHashAlgorithm: BLAKE3 is recognised only.</exception>
    public HashSink(NixHashAlgorithm algorithm = NixHashAlgorithm.Sha256)
    {
        Algorithm = algorithm;
        _hash = Create(algorithm);
    }

    /// <summary>The algorithm.</summary>
    public NixHashAlgorithm Algorithm { get; }

    /// <summary>The hash and the number of bytes; the sink is then as new.</summary>
    public NarHash Finish()
    {
        Span<byte> digest = stackalloc byte[NixHash.DigestLength(Algorithm)];
        var size = Finish(digest);
        return new NarHash(new NixHash(Algorithm, digest), size);
    }

    /// <summary>As <see cref="Finish()"/> without an allocation; gives the number of bytes.</summary>
    public long Finish(Span<byte> digest)
    {
        Flush();
        var size = Length;
        _hash.GetHashAndReset(digest);
        base.Reset();
        return size;
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        if (Length > 0)
        {
            Span<byte> ignored = stackalloc byte[NixHash.DigestLength(Algorithm)];
            _hash.GetHashAndReset(ignored);
        }

        base.Reset();
    }

    /// <summary>The computation behind an algorithm.</summary>
    internal static IncrementalHash Create(NixHashAlgorithm algorithm) => IncrementalHash.CreateHash(algorithm switch
    {
        NixHashAlgorithm.Md5 => HashAlgorithmName.MD5,
        NixHashAlgorithm.Sha1 => HashAlgorithmName.SHA1,
        NixHashAlgorithm.Sha256 => HashAlgorithmName.SHA256,
        NixHashAlgorithm.Sha512 => HashAlgorithmName.SHA512,
        _ => throw new NixStoreException("UnsupportedHashAlgorithm", StoreErrorKind.NotSupported,
            $"{NixHash.NameOf(algorithm)} hashes cannot be computed."),
    });

    /// <inheritdoc/>
    protected override void Consume(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}
