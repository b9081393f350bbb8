using System.Diagnostics.CodeAnalysis;

namespace NixStore;

/// <summary>The hash algorithms that Nix names.</summary>
public enum NixHashAlgorithm
{
    /// <summary>16 bytes.</summary>
    Md5,
    /// <summary>20 bytes.</summary>
    Sha1,
    /// <summary>32 bytes; the algorithm of NAR hashes and store paths.</summary>
    Sha256,
    /// <summary>64 bytes.</summary>
    Sha512,
    /// <summary>32 bytes; recognised in content addresses, not computed here.</summary>
    Blake3,
}

/// <summary>A digest with its algorithm, in all the notations of Nix (STORE-SPEC §3; Nix libutil/hash.cc).</summary>
public sealed class NixHash : IEquatable<NixHash>
{
    private readonly byte[] _bytes;

    /// <summary>Wraps a digest; the bytes are copied.</summary>
    /// <exception cref="NixStoreException">InvalidHash: the length does not fit the algorithm.</exception>
    public NixHash(NixHashAlgorithm algorithm, ReadOnlySpan<byte> digest)
    {
        if (digest.Length != DigestLength(algorithm))
        {
            throw Invalid(Convert.ToHexStringLower(digest), $"{digest.Length} bytes do not make a {NameOf(algorithm)} digest");
        }

        Algorithm = algorithm;
        _bytes = digest.ToArray();
    }

    /// <summary>The algorithm.</summary>
    public NixHashAlgorithm Algorithm { get; }

    /// <summary>The digest.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>True when every byte is zero: what very old stores wrote for "unknown".</summary>
    public bool IsZero => !_bytes.AsSpan().ContainsAnyExcept((byte)0);

    /// <summary>Lower-case hexadecimal, no prefix.</summary>
    public string ToBase16() => Convert.ToHexStringLower(_bytes);

    /// <summary>Nix's base-32, no prefix.</summary>
    public string ToNix32() => Nix32.Encode(_bytes);

    /// <summary>Base-64, no prefix.</summary>
    public string ToBase64() => Convert.ToBase64String(_bytes);

    /// <summary>Subresource integrity notation, <c>sha256-…</c>.</summary>
    public string ToSri() => $"{NameOf(Algorithm)}-{ToBase64()}";

    /// <summary><c>sha256:&lt;hex&gt;</c>, the notation of the store's database.</summary>
    public string ToDatabaseString() => $"{NameOf(Algorithm)}:{ToBase16()}";

    /// <summary><c>sha256:&lt;nix32&gt;</c>, the notation of narinfos and Nix's messages.</summary>
    public override string ToString() => $"{NameOf(Algorithm)}:{ToNix32()}";

    /// <summary>Bytes in a digest of <paramref name="algorithm"/>.</summary>
    public static int DigestLength(NixHashAlgorithm algorithm) => algorithm switch
    {
        NixHashAlgorithm.Md5 => 16,
        NixHashAlgorithm.Sha1 => 20,
        NixHashAlgorithm.Sha512 => 64,
        _ => 32,
    };

    /// <summary>The lower-case name Nix uses, for example <c>sha256</c>.</summary>
    public static string NameOf(NixHashAlgorithm algorithm) => algorithm switch
    {
        NixHashAlgorithm.Md5 => "md5",
        NixHashAlgorithm.Sha1 => "sha1",
        NixHashAlgorithm.Sha256 => "sha256",
        NixHashAlgorithm.Sha512 => "sha512",
        NixHashAlgorithm.Blake3 => "blake3",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>Finds the algorithm of a name.</summary>
    public static bool TryParseAlgorithm(ReadOnlySpan<char> name, out NixHashAlgorithm algorithm)
    {
        (var known, algorithm) = name switch
        {
            "md5" => (true, NixHashAlgorithm.Md5),
            "sha1" => (true, NixHashAlgorithm.Sha1),
            "sha256" => (true, NixHashAlgorithm.Sha256),
            "sha512" => (true, NixHashAlgorithm.Sha512),
            "blake3" => (true, NixHashAlgorithm.Blake3),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>Parses <c>algo:digest</c> (base 16, nix32 or base 64 by length) or SRI <c>algo-base64</c>.</summary>
    /// <exception cref="NixStoreException">InvalidHash: unknown algorithm, wrong length or wrong characters.</exception>
    public static NixHash Parse(string text)
        => TryParse(text, out var hash, out var reason) ? hash : throw Invalid(text, reason);

    /// <summary>As <see cref="Parse"/>; null in <paramref name="hash"/> when it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out NixHash? hash)
        => TryParse(text, out hash, out _);

    /// <summary>Parses a digest without a prefix, in base 16, nix32 or base 64 as its length says.</summary>
    public static bool TryParseDigest(NixHashAlgorithm algorithm, ReadOnlySpan<char> digest, [NotNullWhen(true)] out NixHash? hash)
    {
        var length = DigestLength(algorithm);
        Span<byte> bytes = stackalloc byte[length];
        bool ok;
        if (digest.Length == length * 2)
        {
            ok = Convert.FromHexString(digest, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        }
        else if (digest.Length == Nix32.EncodedLength(length))
        {
            ok = Nix32.TryDecode(digest, bytes);
        }
        else
        {
            ok = digest.Length == (length + 2) / 3 * 4 && Convert.TryFromBase64Chars(digest, bytes, out var written) && written == length;
        }

        hash = ok ? new NixHash(algorithm, bytes) : null;
        return ok;
    }

    /// <inheritdoc/>
    public bool Equals(NixHash? other) => other is not null && Algorithm == other.Algorithm && Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NixHash);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_bytes);

    private static bool TryParse(string? text, [NotNullWhen(true)] out NixHash? hash, out string reason)
    {
        hash = null;
        reason = "it is empty";
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var separator = text.AsSpan().IndexOfAny(':', '-');
        if (separator < 0)
        {
            reason = "it has no algorithm prefix such as 'sha256:'";
            return false;
        }

        if (!TryParseAlgorithm(text.AsSpan(0, separator), out var algorithm))
        {
            reason = $"'{text[..separator]}' is no known algorithm";
            return false;
        }

        var digest = text.AsSpan(separator + 1);
        var isSri = text[separator] == '-';
        if ((isSri && digest.Length != (DigestLength(algorithm) + 2) / 3 * 4) || !TryParseDigest(algorithm, digest, out hash))
        {
            reason = $"the digest has a wrong length or wrong characters for {NameOf(algorithm)}";
            return false;
        }

        return true;
    }

    private static NixStoreException Invalid(string text, string reason)
        => new("InvalidHash", StoreErrorKind.InvalidData, $"'{text}' is not a hash: {reason}.", text);
}
