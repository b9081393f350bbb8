using System.Security.Cryptography;
using NixStore.Caches.Compression;
using NixStore.Caches.Narinfo;

namespace NixStore.Caches.BinaryCaches;

/// <summary>A NAR file as it is stored, which checks its narinfo's FileHash and FileSize while it is read.</summary>
internal sealed class NarFileStream(Stream source, NarInfo narInfo, string target) : ReadOnlyStream
{
    private readonly IncrementalHash? _hash = narInfo.FileHash is { } hash ? HashOf(hash.Algorithm) : null;
    private long _count;
    private bool _checked;

    // Without a FileSize a server could go on for ever with frames that hold nothing.
    private long MaximumCount => narInfo.Info.NarSize + (narInfo.Info.NarSize / 2) + (1 << 20);

    public override int Read(Span<byte> output)
    {
        if (output.IsEmpty)
        {
            return 0;
        }

        int read;
        try
        {
            read = source.Read(output);
        }
        catch (IOException e)
        {
            throw new NixStoreException("BinaryCacheReadFailed", StoreErrorKind.ReadError, $"Reading '{target}' failed: {e.Message}", target, null, e);
        }

        _count += read;
        _hash?.AppendData(output[..read]);
        if (narInfo.FileSize is null && _count > MaximumCount)
        {
            throw new NixStoreException("NarTooLong", StoreErrorKind.InvalidData,
                $"'{target}' is longer than any {narInfo.Compression} file of a NAR of {narInfo.Info.NarSize} bytes.", target, "Take the path from another source.");
        }

        if (narInfo.FileSize is { } size && (_count > size || (read == 0 && _count < size)))
        {
            throw Mismatch($"{size} bytes", read == 0 ? $"{_count} bytes" : "more");
        }

        if (read == 0 && !_checked)
        {
            _checked = true;
            CheckHash();
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
            _hash?.Dispose();
        }

        base.Dispose(disposing);
    }

    // Nix has no other algorithms for files than SHA-256; BLAKE3 could not be computed here, and the NAR hash is checked anyway.
    private static IncrementalHash? HashOf(NixHashAlgorithm algorithm) => algorithm switch
    {
        NixHashAlgorithm.Md5 => IncrementalHash.CreateHash(HashAlgorithmName.MD5),
        NixHashAlgorithm.Sha1 => IncrementalHash.CreateHash(HashAlgorithmName.SHA1),
        NixHashAlgorithm.Sha256 => IncrementalHash.CreateHash(HashAlgorithmName.SHA256),
        NixHashAlgorithm.Sha512 => IncrementalHash.CreateHash(HashAlgorithmName.SHA512),
        _ => null,
    };

    private void CheckHash()
    {
        if (_hash is null || narInfo.FileHash is not { } expected)
        {
            return;
        }

        var actual = new NixHash(expected.Algorithm, _hash.GetHashAndReset());
        if (!actual.Equals(expected))
        {
            throw Mismatch(expected.ToString(), actual.ToString());
        }
    }

    private NixStoreException Mismatch(string expected, string actual) => new(
        "NarFileHashMismatch", StoreErrorKind.InvalidData, $"'{target}' is not the file that its narinfo describes: expected {expected}, got {actual}.",
        target, "Take the path from another source; the cache's owner should copy it again.");
}
