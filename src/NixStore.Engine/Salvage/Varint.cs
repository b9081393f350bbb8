namespace NixStore.Engine.Salvage;

/// <summary>Whole numbers of one to nine bytes (sqlite.org/fileformat2.html §1.6).</summary>
internal static class Varint
{
    private const int Longest = 9;

    /// <summary>Reads one; its length in bytes, or 0 when the bytes end before it does.</summary>
    internal static int Read(ReadOnlySpan<byte> bytes, out long value)
    {
        ulong result = 0;
        for (var i = 0; i < Longest && i < bytes.Length; i++)
        {
            if (i == Longest - 1)
            {
                value = (long)((result << 8) | bytes[i]);
                return Longest;
            }

            result = (result << 7) | (bytes[i] & 0x7fu);
            if (bytes[i] < 0x80)
            {
                value = (long)result;
                return i + 1;
            }
        }

        value = 0;
        return 0;
    }
}
