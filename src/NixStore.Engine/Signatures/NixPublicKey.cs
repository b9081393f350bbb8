using System.Diagnostics.CodeAnalysis;

namespace NixStore.Engine.Signatures;

/// <summary>
/// A public key for store paths, <c>name:base64 of 32 bytes</c>, as in <c>trusted-public-keys</c>
/// (STORE-SPEC §7; Nix libutil/signature/local-keys.cc). Immutable, and safe to use from several threads.
/// </summary>
public sealed class NixPublicKey : IEquatable<NixPublicKey>
{
    private readonly LibCrypto.KeyHandle _key;

    internal NixPublicKey(string name, ReadOnlySpan<byte> bytes)
    {
        Name = name;
        Base64 = Convert.ToBase64String(bytes);
        _key = Ed25519.ImportPublicKey(bytes);
    }

    /// <summary>The key of <c>https://cache.nixos.org</c>, the one Nix trusts when nothing is configured.</summary>
    public static NixPublicKey CacheNixosOrg { get; } = Parse("cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=");

    /// <summary>The name; several keys may have the same.</summary>
    public string Name { get; }

    /// <summary>The 32 bytes.</summary>
    public string Base64 { get; }

    /// <summary>Parses <c>name:base64</c>.</summary>
    /// <exception cref="NixStoreException">InvalidPublicKey; SignaturesNotAvailable: OpenSSL is missing.</exception>
    public static NixPublicKey Parse(string text) => TryParse(text, out var key, out var reason) ? key : throw new NixStoreException(
        "InvalidPublicKey", StoreErrorKind.InvalidArgument, $"'{Shown(text)}' is not a public key: {reason}.", Shown(text),
        "A public key looks like cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=.");

    /// <summary>As <see cref="Parse"/> without raising an error.</summary>
    /// <exception cref="NixStoreException">SignaturesNotAvailable: OpenSSL is missing.</exception>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out NixPublicKey? key) => TryParse(text, out key, out _);

    /// <summary>True when <paramref name="signature"/> is this key's over <paramref name="message"/>.</summary>
    public bool Verify(ReadOnlySpan<byte> message, StoreSignature signature)
        => signature.KeyName == Name && Ed25519.Verify(_key, message, signature.GetBytes());

    /// <inheritdoc/>
    public override string ToString() => $"{Name}:{Base64}";

    /// <inheritdoc/>
    public bool Equals(NixPublicKey? other) => other is not null && Name == other.Name && Base64 == other.Base64;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NixPublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Base64);

    private static bool TryParse(string? text, [NotNullWhen(true)] out NixPublicKey? key, out string reason)
    {
        key = null;
        if (!KeyText.TryParse(text, Ed25519.PublicKeyLength, out var name, out var bytes, out reason))
        {
            return false;
        }

        key = new NixPublicKey(name, bytes);
        return true;
    }

    // Somebody who gives a secret key by mistake must not find it in a log.
    private static string Shown(string text)
        => KeyText.TryParse(text, NixSecretKey.EncodedLength, out var name, out _, out _) ? $"{name}:…" : text;
}
