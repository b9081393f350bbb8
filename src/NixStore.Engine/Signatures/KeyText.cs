using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace NixStore.Engine.Signatures;

/// <summary>The notation that public and secret keys share: <c>name:base64</c> with a fixed number of bytes.</summary>
internal static class KeyText
{
    public static bool TryParse(
        string? text, int length, [NotNullWhen(true)] out string? name, [NotNullWhen(true)] out byte[]? bytes, out string reason)
    {
        (name, bytes) = (null, null);
        text = text?.Trim();
        var colon = text?.IndexOf(':') ?? -1;
        if (text is null || colon < 0)
        {
            reason = "it has no ':' between name and key";
            return false;
        }

        if (colon == 0)
        {
            reason = "its name is empty";
            return false;
        }

        var encoded = text.AsSpan(colon + 1);
        if (!Base64.IsValid(encoded, out var decodedLength) || decodedLength != length)
        {
            reason = $"what follows the ':' is not the base 64 of {length} bytes";
            return false;
        }

        bytes = new byte[length];
        _ = Convert.TryFromBase64Chars(encoded, bytes, out _);
        name = text[..colon];
        reason = "";
        return true;
    }
}
