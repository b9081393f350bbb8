using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using NixStore.Engine.Native;

namespace NixStore.Engine.Ledger;

/// <summary>
/// Records of store objects as bytes. What stat tells and what the contents were are apart, so that a look for changes needs the former only:
/// two trees without a difference have the same bytes. Paths as what they have beyond their predecessor's, numbers as differences to it.
/// </summary>
internal static class TreeRecordCodec
{
    private const int HashSize = 16;
    private const int TypeMask = 0b1111;
    private const int ExecutableFlag = 0x10;
    private const int SharedFlag = 0x20;
    private const int CanonicalTimeFlag = 0x40;

    private static readonly long s_canonicalTime = DateTime.UnixEpoch.AddSeconds(Archive.CanonicalMetadata.ModificationTime).Ticks;

    /// <summary>What stat told of the files of a sorted record.</summary>
    internal static byte[] EncodeFiles(TreeRecord record)
    {
        var bytes = new ArrayBufferWriter<byte>(record.Count * 24 + 16);
        Write(bytes, (ulong)record.Count);
        RecordedFile before = default;
        ReadOnlySpan<byte> pathBefore = default;
        foreach (ref readonly var file in record.Files)
        {
            var path = record.PathOf(file);
            var isCanonical = file.Modified == s_canonicalTime;
            bytes.GetSpan(1)[0] = (byte)((int)file.Type | (file.IsExecutable ? ExecutableFlag : 0) | (file.IsShared ? SharedFlag : 0)
                | (isCanonical ? CanonicalTimeFlag : 0));
            bytes.Advance(1);
            var common = path.CommonPrefixLength(pathBefore);
            Write(bytes, (ulong)common);
            Write(bytes, (ulong)(path.Length - common));
            bytes.Write(path[common..]);
            WriteDifference(bytes, (long)(file.Inode - before.Inode));
            if (file.Type != FileType.Directory)
            {
                Write(bytes, (ulong)file.Size);
            }

            if (!isCanonical)
            {
                WriteDifference(bytes, file.Modified);
            }

            if (!file.IsShared)
            {
                WriteDifference(bytes, file.Changed - before.Changed);
            }

            (before.Inode, before.Changed) = (file.Inode, file.IsShared ? before.Changed : file.Changed);
            pathBefore = path;
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>The hashes of the files that have contents, in the order of the record.</summary>
    internal static byte[] EncodeHashes(TreeRecord record)
    {
        var bytes = new ArrayBufferWriter<byte>(record.Count * HashSize + 1);
        foreach (ref readonly var file in record.Files)
        {
            if (file.HasContents)
            {
                BinaryPrimitives.WriteUInt128BigEndian(bytes.GetSpan(HashSize), file.Hash);
                bytes.Advance(HashSize);
            }
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Makes a record of bytes again; false when they are none of one: a ledger may be damaged like everything else.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> files, ReadOnlySpan<byte> hashes, [NotNullWhen(true)] out TreeRecord? record)
    {
        record = null;
        var decoded = new TreeRecord();
        if (!TryRead(ref files, out var count))
        {
            return false;
        }

        RecordedFile before = default;
        var path = Array.Empty<byte>();
        for (; count > 0; count--)
        {
            if (!TryReadFile(ref files, before, ref path, out var file))
            {
                return false;
            }

            if (file.HasContents)
            {
                if (hashes.Length < HashSize)
                {
                    return false;
                }

                file.Hash = BinaryPrimitives.ReadUInt128BigEndian(hashes);
                hashes = hashes[HashSize..];
            }

            ref var added = ref decoded.Add(path);
            (file.PathOffset, file.PathLength) = (added.PathOffset, added.PathLength);
            added = file;
            (before.Inode, before.Changed) = (file.Inode, file.IsShared ? before.Changed : file.Changed);
        }

        record = files.IsEmpty && hashes.IsEmpty ? decoded : null;
        return record is not null;
    }

    private static bool TryReadFile(ref ReadOnlySpan<byte> bytes, in RecordedFile before, ref byte[] path, out RecordedFile file)
    {
        file = default;
        if (bytes.IsEmpty)
        {
            return false;
        }

        var flags = bytes[0];
        bytes = bytes[1..];
        if (!TryRead(ref bytes, out var common) || !TryRead(ref bytes, out var length) || common > (ulong)path.Length || length > (ulong)bytes.Length)
        {
            return false;
        }

        path = [.. path.AsSpan(0, (int)common), .. bytes[..(int)length]];
        bytes = bytes[(int)length..];
        file.Type = (FileType)(flags & TypeMask);
        file.IsExecutable = (flags & ExecutableFlag) != 0;
        file.IsShared = (flags & SharedFlag) != 0;
        file.Modified = s_canonicalTime;
        if (!TryReadDifference(ref bytes, out var inode))
        {
            return false;
        }

        file.Inode = before.Inode + (ulong)inode;
        ulong size = 0;
        long modified = s_canonicalTime, changed = 0;
        if ((file.Type != FileType.Directory && !TryRead(ref bytes, out size))
            || ((flags & CanonicalTimeFlag) == 0 && !TryReadDifference(ref bytes, out modified))
            || (!file.IsShared && !TryReadDifference(ref bytes, out changed)))
        {
            return false;
        }

        (file.Size, file.Modified, file.Changed) = ((long)size, modified, file.IsShared ? 0 : before.Changed + changed);
        return true;
    }

    /// <summary>Seven bits a byte, the lowest first; the eighth says that there are more.</summary>
    private static void Write(ArrayBufferWriter<byte> bytes, ulong number)
    {
        var room = bytes.GetSpan(10);
        var length = 0;
        for (; number >= 0x80; number >>= 7)
        {
            room[length++] = (byte)(number | 0x80);
        }

        room[length++] = (byte)number;
        bytes.Advance(length);
    }

    /// <summary>Small numbers of either sign become small ones without.</summary>
    private static void WriteDifference(ArrayBufferWriter<byte> bytes, long number) => Write(bytes, (ulong)((number << 1) ^ (number >> 63)));

    private static bool TryRead(ref ReadOnlySpan<byte> bytes, out ulong number)
    {
        number = 0;
        for (int shift = 0, i = 0; i < bytes.Length && shift < 64; shift += 7, i++)
        {
            number |= (ulong)(bytes[i] & 0x7f) << shift;
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    private static bool TryReadDifference(ref ReadOnlySpan<byte> bytes, out long number)
    {
        var read = TryRead(ref bytes, out var zigzag);
        number = (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
        return read;
    }
}
