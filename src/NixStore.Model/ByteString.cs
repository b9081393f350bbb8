using System.Text;

namespace NixStore;

/// <summary>
/// An immutable string of bytes: file names, symlink targets and the strings of derivations are bytes in Nix, not necessarily UTF-8.
/// Compares byte by byte, as <c>memcmp</c> does; <see cref="ToString"/> is for people only.
/// </summary>
public readonly struct ByteString : IEquatable<ByteString>, IComparable<ByteString>
{
    // Throws on invalid sequences, so that they can be shown instead of being replaced by U+FFFD.
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[]? _bytes;

    /// <summary>Copies <paramref name="bytes"/>.</summary>
    public ByteString(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    private ByteString(byte[] owned) => _bytes = owned;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>Number of bytes.</summary>
    public int Length => _bytes?.Length ?? 0;

    /// <summary>True when there are no bytes.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>True when the bytes are well-formed UTF-8.</summary>
    public bool IsUtf8 => System.Text.Unicode.Utf8.IsValid(Span);

    /// <summary>The UTF-8 bytes of <paramref name="text"/>.</summary>
    public static ByteString FromText(string text) => new(s_strict.GetBytes(text));

    /// <inheritdoc/>
    public int CompareTo(ByteString other) => Span.SequenceCompareTo(other.Span);

    /// <inheritdoc/>
    public bool Equals(ByteString other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ByteString other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>The text when it is UTF-8; otherwise every byte that is not printable ASCII as <c>\xNN</c>.</summary>
    public override string ToString()
    {
        if (IsUtf8)
        {
            return s_strict.GetString(Span);
        }

        var text = new StringBuilder(Length + 16);
        foreach (var b in Span)
        {
            _ = b is >= 0x20 and < 0x7f ? text.Append((char)b) : text.Append("\\x").Append(((int)b).ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    /// <summary>Equal bytes.</summary>
    public static bool operator ==(ByteString left, ByteString right) => left.Equals(right);

    /// <summary>Different bytes.</summary>
    public static bool operator !=(ByteString left, ByteString right) => !left.Equals(right);
}
