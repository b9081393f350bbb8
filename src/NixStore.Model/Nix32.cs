using System.Buffers;

namespace NixStore;

/// <summary>
/// Nix's base-32: alphabet without e, o, u, t; the most significant digit first, taken from the end of the bytes
/// (STORE-SPEC §3; Nix libutil/base-nix-32.cc).
/// </summary>
public static class Nix32
{
    /// <summary>The 32 digits.</summary>
    public const string Alphabet = "0123456789abcdfghijklmnpqrsvwxyz";

    private static readonly SearchValues<char> s_digits = SearchValues.Create(Alphabet);
    private static readonly sbyte[] s_values = MakeValues();

    /// <summary>Number of digits for <paramref name="byteCount"/> bytes.</summary>
    public static int EncodedLength(int byteCount) => (byteCount * 8 + 4) / 5;

    /// <summary>True when every character is a digit of the alphabet.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(s_digits);

    /// <summary>The value (0–31) of a digit given as an ASCII byte, or -1.</summary>
    public static int DigitValue(byte digit) => s_values[digit];

    /// <summary>Encodes bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var length = EncodedLength(bytes.Length);
        Span<byte> digits = length <= 128 ? stackalloc byte[length] : new byte[length];
        Encode(bytes, digits);
        return System.Text.Encoding.ASCII.GetString(digits);
    }

    /// <summary>Encodes bytes into ASCII digits; <paramref name="digits"/> has exactly their number.</summary>
    public static void Encode(ReadOnlySpan<byte> bytes, Span<byte> digits)
    {
        for (var n = 0; n < digits.Length; n++)
        {
            var bit = n * 5;
            var (i, j) = (bit / 8, bit % 8);
            var digit = bytes[i] >> j;
            if (i + 1 < bytes.Length)
            {
                digit |= bytes[i + 1] << (8 - j);
            }

            digits[^(n + 1)] = (byte)Alphabet[digit & 31];
        }
    }

    /// <summary>Decodes text into <paramref name="bytes"/>; false when a character or the length is wrong, or surplus bits are set.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (text.Length != EncodedLength(bytes.Length))
        {
            return false;
        }

        bytes.Clear();
        for (var n = 0; n < text.Length; n++)
        {
            var c = text[text.Length - 1 - n];
            var digit = c < 128 ? s_values[c] : -1;
            if (digit < 0)
            {
                return false;
            }

            var bit = n * 5;
            var (i, j) = (bit / 8, bit % 8);
            bytes[i] |= (byte)(digit << j);
            var carry = digit >> (8 - j);
            if (i + 1 < bytes.Length)
            {
                bytes[i + 1] |= (byte)carry;
            }
            else if (carry != 0)
            {
                return false;
            }
        }

        return true;
    }

    private static sbyte[] MakeValues()
    {
        var values = new sbyte[256];
        Array.Fill(values, (sbyte)-1);
        for (var i = 0; i < Alphabet.Length; i++)
        {
            values[Alphabet[i]] = (sbyte)i;
        }

        return values;
    }
}
