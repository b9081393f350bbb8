using System.Buffers;
using System.Buffers.Binary;
using NixStore.Engine.Native;

namespace NixStore.Engine.Examination;

/// <summary>What is in a write-ahead log, read as SQLite's recovery does (sqlite.org/fileformat2.html, "The Write-Ahead Log").</summary>
/// <param name="HasHeader">True when its header is whole; otherwise SQLite ignores all of it.</param>
/// <param name="CommittedFrames">Pages up to the last commit: what recovery takes in.</param>
/// <param name="UnfinishedFrames">Whole pages after the last commit: of a change that was never finished.</param>
/// <param name="IsTorn">True when a page of the same run of the log follows that is cut off or has a wrong checksum.</param>
internal sealed record WriteAheadLog(bool HasHeader, long CommittedFrames, long UnfinishedFrames, bool IsTorn)
{
    private const int HeaderLength = 32;
    private const int FrameHeaderLength = 24;
    private const uint Magic = 0x377f0682;
    private const int SmallestPage = 512;
    private const int LargestPage = 65536;

    /// <summary>Reads a log, whose length is more than zero.</summary>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    internal static WriteAheadLog Read(FileDescriptor file, CancellationToken cancellation)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        if (ReadFully(file, header, 0) < HeaderLength || (BinaryPrimitives.ReadUInt32BigEndian(header) & ~1u) != Magic)
        {
            return new WriteAheadLog(false, 0, 0, false);
        }

        var isBigEndian = (header[3] & 1) != 0;
        var pageSize = BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
        var sum = AddUp(default, header[..24], isBigEndian);
        if (pageSize is < SmallestPage or > LargestPage || sum != ReadSum(header[24..]))
        {
            return new WriteAheadLog(false, 0, 0, false);
        }

        return ReadFrames(file, header.Slice(16, 8), (int)pageSize + FrameHeaderLength, sum, isBigEndian, cancellation);
    }

    private static WriteAheadLog ReadFrames(
        FileDescriptor file, ReadOnlySpan<byte> salt, int length, (uint First, uint Second) sum, bool isBigEndian, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var frame = buffer.AsSpan(0, length);
            var (frames, committed) = (0L, 0L);
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                var count = ReadFully(file, frame, HeaderLength + frames * length);

                // Where the log begins anew, it overwrites itself, with another salt: whole pages with an old one are no damage.
                if (count == 0 || (count >= 16 && !frame.Slice(8, 8).SequenceEqual(salt)))
                {
                    return new WriteAheadLog(true, committed, frames - committed, false);
                }

                var next = AddUp(AddUp(sum, frame[..8], isBigEndian), frame[FrameHeaderLength..], isBigEndian);
                if (count < length || next != ReadSum(frame[16..]))
                {
                    return new WriteAheadLog(true, committed, frames - committed, true);
                }

                sum = next;
                frames++;
                committed = BinaryPrimitives.ReadUInt32BigEndian(frame[4..]) != 0 ? frames : committed;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static (uint First, uint Second) AddUp((uint First, uint Second) sum, ReadOnlySpan<byte> words, bool isBigEndian)
    {
        for (; words.Length >= 8; words = words[8..])
        {
            sum.First += Word(words) + sum.Second;
            sum.Second += Word(words[4..]) + sum.First;
        }

        return sum;

        uint Word(ReadOnlySpan<byte> bytes)
            => isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Checksums are stored big-endian, whatever they were computed from.</summary>
    private static (uint First, uint Second) ReadSum(ReadOnlySpan<byte> bytes)
        => (BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));

    private static int ReadFully(FileDescriptor file, Span<byte> buffer, long offset)
    {
        var total = 0;
        while (total < buffer.Length && Posix.Pread(file, buffer[total..], offset + total) is var count and > 0)
        {
            total += count;
        }

        return total;
    }
}
