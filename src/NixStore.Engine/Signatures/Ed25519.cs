using System.Security.Cryptography;

namespace NixStore.Engine.Signatures;

/// <summary>
/// Ed25519 (RFC 8032) through OpenSSL: .NET 10 has no type for it, and OpenSSL is there wherever .NET's own cryptography works on Linux.
/// </summary>
internal static unsafe class Ed25519
{
    public const int SeedLength = 32;
    public const int PublicKeyLength = 32;
    public const int SignatureLength = 64;

    public static LibCrypto.KeyHandle ImportPublicKey(ReadOnlySpan<byte> key)
    {
        fixed (byte* bytes = key)
        {
            try
            {
                return Checked(new(LibCrypto.EVP_PKEY_new_raw_public_key(LibCrypto.Ed25519Type, 0, bytes, (nuint)key.Length)));
            }
            catch (DllNotFoundException e)
            {
                throw NotAvailable(e);
            }
        }
    }

    public static LibCrypto.KeyHandle ImportSeed(ReadOnlySpan<byte> seed)
    {
        fixed (byte* bytes = seed)
        {
            try
            {
                return Checked(new(LibCrypto.EVP_PKEY_new_raw_private_key(LibCrypto.Ed25519Type, 0, bytes, (nuint)seed.Length)));
            }
            catch (DllNotFoundException e)
            {
                throw NotAvailable(e);
            }
        }
    }

    public static byte[] ExportPublicKey(LibCrypto.KeyHandle key)
    {
        var bytes = new byte[PublicKeyLength];
        var length = (nuint)bytes.Length;
        fixed (byte* p = bytes)
        {
            Require(LibCrypto.EVP_PKEY_get_raw_public_key(key, p, &length) == 1 && length == PublicKeyLength);
        }

        return bytes;
    }

    public static byte[] Sign(LibCrypto.KeyHandle key, ReadOnlySpan<byte> message)
    {
        using var context = new LibCrypto.DigestHandle();
        var signature = new byte[SignatureLength];
        var length = (nuint)signature.Length;
        fixed (byte* m = message, s = signature)
        {
            // A span of no bytes gives a null pointer, which OpenSSL takes for "tell me the length" or an error.
            byte nothing;
            Require(!context.IsInvalid
                && LibCrypto.EVP_DigestSignInit(context, 0, 0, 0, key) == 1
                && LibCrypto.EVP_DigestSign(context, s, &length, m is null ? &nothing : m, (nuint)message.Length) == 1
                && length == SignatureLength);
        }

        return signature;
    }

    public static bool Verify(LibCrypto.KeyHandle key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureLength)
        {
            return false;
        }

        using var context = new LibCrypto.DigestHandle();
        fixed (byte* m = message, s = signature)
        {
            byte nothing;
            Require(!context.IsInvalid && LibCrypto.EVP_DigestVerifyInit(context, 0, 0, 0, key) == 1);
            var good = LibCrypto.EVP_DigestVerify(context, s, (nuint)signature.Length, m is null ? &nothing : m, (nuint)message.Length) == 1;
            if (!good)
            {
                // .NET shares this thread's error queue: a forgery must not look like a failure of somebody's TLS.
                LibCrypto.ERR_clear_error();
            }

            return good;
        }
    }

    private static LibCrypto.KeyHandle Checked(LibCrypto.KeyHandle key)
    {
        Require(!key.IsInvalid);
        return key;
    }

    private static void Require(bool success)
    {
        if (!success)
        {
            LibCrypto.ERR_clear_error();
            throw new CryptographicException("OpenSSL refused an Ed25519 operation.");
        }
    }

    private static NixStoreException NotAvailable(DllNotFoundException e) => new(
        "SignaturesNotAvailable", StoreErrorKind.NotSupported, "OpenSSL's libcrypto, which checks signatures, is not on this machine.",
        "libcrypto.so.3", "Install OpenSSL 3 (Debian: libssl3, Fedora: openssl-libs, Alpine: libcrypto3).", e);
}
