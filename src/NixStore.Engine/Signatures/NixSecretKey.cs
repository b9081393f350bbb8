using System.Security.Cryptography;
using System.Text;

namespace NixStore.Engine.Signatures;

/// <summary>
/// A secret key that signs store paths, <c>name:base64 of the 32 byte seed and the 32 byte public key</c>
/// (STORE-SPEC §7; made by <c>nix-store --generate-binary-cache-key</c>). Safe to use from several threads.
/// The secret shows in no error and no <see cref="ToString"/>; only <see cref="Save"/> writes it.
/// </summary>
public sealed class NixSecretKey : IDisposable
{
    /// <summary>Bytes in the encoded key.</summary>
    internal const int EncodedLength = Ed25519.SeedLength + Ed25519.PublicKeyLength;

    private readonly LibCrypto.KeyHandle _key;
    private readonly byte[] _encoded;

    private NixSecretKey(string name, LibCrypto.KeyHandle key, byte[] encoded)
    {
        Name = name;
        _key = key;
        _encoded = encoded;
        PublicKey = new NixPublicKey(name, encoded.AsSpan(Ed25519.SeedLength));
    }

    /// <summary>The name, which every signature carries.</summary>
    public string Name { get; }

    /// <summary>What others need to check its signatures.</summary>
    public NixPublicKey PublicKey { get; }

    /// <summary>Parses the text of a key file.</summary>
    /// <exception cref="NixStoreException">InvalidSecretKey: it cannot be parsed, or its halves do not belong together.</exception>
    public static NixSecretKey Parse(string text) => Parse(text, "the given text");

    /// <summary>Reads a key file.</summary>
    /// <exception cref="NixStoreException">SecretKeyNotFound, SecretKeyUnreadable, InvalidSecretKey</exception>
    public static NixSecretKey Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NixStoreException("SecretKeyNotFound", StoreErrorKind.NotFound, $"The secret key file '{path}' does not exist.", path,
                "Make one with nix-store --generate-binary-cache-key.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new NixStoreException("SecretKeyUnreadable", StoreErrorKind.PermissionDenied,
                $"The secret key file '{path}' may not be read.", path, "Run as the user who owns it.", e);
        }
        catch (IOException e)
        {
            throw new NixStoreException("SecretKeyUnreadable", StoreErrorKind.ReadError,
                $"The secret key file '{path}' cannot be read: {e.Message}", path, null, e);
        }
    }

    /// <summary>Makes a new key.</summary>
    /// <exception cref="NixStoreException">InvalidKeyName: empty, or with a ':' or white space.</exception>
    public static NixSecretKey Generate(string name)
    {
        if (name.Length == 0 || name.Any(c => c == ':' || char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            throw new NixStoreException("InvalidKeyName", StoreErrorKind.InvalidArgument, $"'{name}' cannot be the name of a key.", name,
                "Use a host name with a number, for example cache.example.org-1.");
        }

        var encoded = new byte[EncodedLength];
        RandomNumberGenerator.Fill(encoded.AsSpan(0, Ed25519.SeedLength));
        var key = Ed25519.ImportSeed(encoded.AsSpan(0, Ed25519.SeedLength));
        Ed25519.ExportPublicKey(key).CopyTo(encoded, Ed25519.SeedLength);
        return new NixSecretKey(name, key, encoded);
    }

    /// <summary>Signs bytes.</summary>
    public StoreSignature Sign(ReadOnlySpan<byte> message) => new(Name, Convert.ToBase64String(Ed25519.Sign(_key, message)));

    /// <summary>Signs what <paramref name="info"/> says of its path.</summary>
    /// <exception cref="NixStoreException">NoNarSize: a path without a NAR size cannot be signed.</exception>
    public StoreSignature Sign(ValidPathInfo info, StoreDirectory directory) => Sign(Encoding.UTF8.GetBytes(info.Fingerprint(directory)));

    /// <summary>Writes the secret to a new file that only its owner may read.</summary>
    /// <exception cref="NixStoreException">SecretKeyNotWritten: the file exists, or its directory does not or may not be written.</exception>
    public void Save(string path)
    {
        var text = Encoding.UTF8.GetBytes($"{Name}:{Convert.ToBase64String(_encoded)}");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var file = new FileStream(path, options);
            file.Write(text);
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("SecretKeyNotWritten", StoreErrorKind.WriteError,
                $"The secret key '{Name}' cannot be written to '{path}': {e.Message}", path, "Give a new file in a directory that you may write.", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>Forgets the secret.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_encoded);
        _key.Dispose();
    }

    /// <summary>The name only.</summary>
    public override string ToString() => Name;

    private static NixSecretKey Parse(string text, string origin)
    {
        if (!KeyText.TryParse(text, EncodedLength, out var name, out var encoded, out var reason))
        {
            throw Invalid(origin, reason);
        }

        var key = Ed25519.ImportSeed(encoded.AsSpan(0, Ed25519.SeedLength));
        if (!Ed25519.ExportPublicKey(key).AsSpan().SequenceEqual(encoded.AsSpan(Ed25519.SeedLength)))
        {
            // Signing with a foreign public half gives signatures that nobody can verify and that leak the secret.
            CryptographicOperations.ZeroMemory(encoded);
            key.Dispose();
            throw Invalid(origin, "its public half does not belong to its secret half");
        }

        return new NixSecretKey(name, key, encoded);
    }

    private static NixStoreException Invalid(string origin, string reason) => new(
        "InvalidSecretKey", StoreErrorKind.InvalidArgument, $"There is no valid secret key in {origin}: {reason}.", origin,
        "Give a file made by nix-store --generate-binary-cache-key or nix key generate-secret.");
}
