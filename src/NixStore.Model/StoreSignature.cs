using System.Diagnostics.CodeAnalysis;

namespace NixStore;

/// <summary>A detached Ed25519 signature with the name of its key, <c>name:base64</c> (STORE-SPEC §7).</summary>
public sealed record StoreSignature(string KeyName, string Base64)
{
    /// <summary>Bytes of an Ed25519 signature.</summary>
    public const int Length = 64;

    /// <summary>The 64 bytes.</summary>
    public byte[] GetBytes() => Convert.FromBase64String(Base64);

    /// <summary>Parses <c>name:base64</c>; false when the name is empty or the rest is no base 64 of 64 bytes.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out StoreSignature? signature)
    {
        signature = null;
        var colon = text?.IndexOf(':') ?? -1;
        if (text is null || colon < 1)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Length + 2];
        if (!Convert.TryFromBase64String(text[(colon + 1)..], bytes, out var written) || written != Length)
        {
            return false;
        }

        signature = new StoreSignature(text[..colon], text[(colon + 1)..]);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{KeyName}:{Base64}";
}
