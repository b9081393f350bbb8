using System.Buffers.Binary;

namespace NixStore.Engine.Salvage;

/// <summary>The running checksum of a write-ahead log (sqlite.org/fileformat2.html §4.2).</summary>
internal readonly record struct LogChecksum(uint First, uint Second)
{
    /// <summary>Goes on with a multiple of eight bytes.</summary>
    internal LogChecksum Add(ReadOnlySpan<byte> bytes, bool isBigEndian)
    {
        var (first, second) = (First, Second);
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            first += Word(bytes, isBigEndian) + second;
            second += Word(bytes[4..], isBigEndian) + first;
        }

        return new LogChecksum(first, second);
    }

    /// <summary>Reads a checksum as it is stored, big-endian always.</summary>
    internal static LogChecksum Read(ReadOnlySpan<byte> bytes)
        => new(BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));

    private static uint Word(ReadOnlySpan<byte> bytes, bool isBigEndian)
        => isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
