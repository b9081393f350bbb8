using System.Buffers.Binary;

namespace NixStore.Engine.Salvage;

/// <summary>The first 100 bytes of a database, as far as they matter here (sqlite.org/fileformat2.html §1.3).</summary>
/// <param name="PageSize">Bytes of a page.</param>
/// <param name="ReservedBytes">Bytes at the end of each page that are not SQLite's.</param>
/// <param name="PageCount">Pages of the database; 0 when the header does not say.</param>
/// <param name="FirstFreePage">The first trunk page of the list of free pages; 0 when there is none.</param>
internal readonly record struct DatabaseHeader(int PageSize, int ReservedBytes, uint PageCount, uint FirstFreePage)
{
    internal const int Length = 100;
    internal const int SmallestPage = 512;
    internal const int LargestPage = 65536;

    // §1.3.4: what must be usable of a page.
    private const int SmallestUsable = 480;

    /// <summary>Reads a header. One that has lost its magic string or its constants, but not both, is believed.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, out DatabaseHeader header)
    {
        header = default;
        if (bytes.Length < Length)
        {
            return false;
        }

        var stored = BinaryPrimitives.ReadUInt16BigEndian(bytes[16..]);
        var pageSize = stored == 1 ? LargestPage : stored;
        var hasMagic = bytes.StartsWith("SQLite format 3\0"u8);
        var hasConstants = bytes[21..24].SequenceEqual((ReadOnlySpan<byte>)[64, 32, 32]);
        if (!IsPageSize(pageSize) || !(hasMagic || hasConstants))
        {
            return false;
        }

        // §1.3.7: the size is in force only when whoever made the last change knew of the field.
        var isCounted = BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]) == BinaryPrimitives.ReadUInt32BigEndian(bytes[92..]);
        header = new DatabaseHeader(
            pageSize,
            pageSize - bytes[20] >= SmallestUsable ? bytes[20] : 0,
            isCounted ? BinaryPrimitives.ReadUInt32BigEndian(bytes[28..]) : 0,
            BinaryPrimitives.ReadUInt32BigEndian(bytes[32..]));
        return true;
    }

    /// <summary>True for the powers of two from 512 to 65536 (§1.3.2).</summary>
    internal static bool IsPageSize(long size) => size is >= SmallestPage and <= LargestPage && (size & (size - 1)) == 0;
}
