namespace NixStore.Catalog.Graph;

/// <summary>
/// The first bits of the hash part of a store path as numbers, in the order of the text: 32 digits of Nix's base-32 are 160 bits. 64 bits tell
/// 300 million paths apart with a chance of 0.998; whoever uses them alone has to look for doubles.
/// </summary>
internal static class HashPrefix
{
    /// <summary>Digits of a hash part.</summary>
    internal const int TextLength = 32;

    private const int WholeDigits = 12;
    private const int LastDigit = 25;

    /// <summary>The first 64 bits: twelve digits and four bits of the thirteenth.</summary>
    /// <param name="text">Text that begins with a hash part; what follows it is not looked at.</param>
    /// <param name="high">The number.</param>
    /// <returns>False when it is too short, or a character is no digit.</returns>
    internal static bool TryReadHigh(ReadOnlySpan<byte> text, out ulong high)
    {
        high = 0;
        if (text.Length < TextLength)
        {
            return false;
        }

        var signs = 0;
        for (var at = 0; at < WholeDigits; at++)
        {
            var digit = Nix32.DigitValue(text[at]);
            signs |= digit;
            high = (high << 5) | (uint)(digit & 31);
        }

        var split = Nix32.DigitValue(text[WholeDigits]);
        high = (high << 4) | (uint)((split >> 1) & 15);
        return (signs | split) >= 0;
    }

    /// <summary>The 64 bits after those: one bit of the thirteenth digit, twelve digits, three bits of the twenty-sixth.</summary>
    /// <param name="text">As of <see cref="TryReadHigh"/>.</param>
    /// <param name="low">The number.</param>
    /// <returns>False when it is too short, or a character is no digit.</returns>
    internal static bool TryReadLow(ReadOnlySpan<byte> text, out ulong low)
    {
        low = 0;
        if (text.Length < TextLength)
        {
            return false;
        }

        var split = Nix32.DigitValue(text[WholeDigits]);
        low = (uint)(split & 1);
        var signs = split;
        for (var at = WholeDigits + 1; at < LastDigit; at++)
        {
            var digit = Nix32.DigitValue(text[at]);
            signs |= digit;
            low = (low << 5) | (uint)(digit & 31);
        }

        var last = Nix32.DigitValue(text[LastDigit]);
        low = (low << 3) | (uint)((last >> 2) & 7);
        return (signs | last) >= 0;
    }
}
