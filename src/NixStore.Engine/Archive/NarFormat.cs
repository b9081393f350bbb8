using System.Buffers.Binary;

namespace NixStore.Engine.Archive;

/// <summary>
/// The words of the NAR format as they stand in the stream: length as 64 bits little-endian, the bytes, zeros up to a multiple
/// of eight (STORE-SPEC §5; Nix libutil/archive.cc). Sequences that always stand together are one constant.
/// </summary>
internal static class NarFormat
{
    internal const int LengthSize = 8;

    internal static readonly byte[] Magic = Encode("nix-archive-1");
    internal static readonly byte[] Open = Encode("(");
    internal static readonly byte[] Close = Encode(")");
    internal static readonly byte[] OpenType = Encode("(", "type");
    internal static readonly byte[] Type = Encode("type");
    internal static readonly byte[] Regular = Encode("regular");
    internal static readonly byte[] Symlink = Encode("symlink");
    internal static readonly byte[] Directory = Encode("directory");
    internal static readonly byte[] Contents = Encode("contents");
    internal static readonly byte[] Executable = Encode("executable", "");
    internal static readonly byte[] Target = Encode("target");
    internal static readonly byte[] Entry = Encode("entry");
    internal static readonly byte[] OpenName = Encode("(", "name");
    internal static readonly byte[] Node = Encode("node");

    // For writing only.
    internal static readonly byte[] BeginDirectory = Encode("(", "type", "directory");
    internal static readonly byte[] BeginEntry = Encode("entry", "(", "name");
    internal static readonly byte[] BeginRegular = Encode("(", "type", "regular", "contents");
    internal static readonly byte[] BeginExecutable = Encode("(", "type", "regular", "executable", "", "contents");
    internal static readonly byte[] BeginSymlink = Encode("(", "type", "symlink", "target");

    /// <summary>Zeros that follow <paramref name="length"/> bytes.</summary>
    internal static int Padding(long length) => (int)(-length & 7);

    private static byte[] Encode(params ReadOnlySpan<string> words)
    {
        var bytes = new List<byte>();
        Span<byte> length = stackalloc byte[LengthSize];
        foreach (var word in words)
        {
            BinaryPrimitives.WriteInt64LittleEndian(length, word.Length);
            bytes.AddRange(length);
            bytes.AddRange(System.Text.Encoding.ASCII.GetBytes(word));
            bytes.AddRange(new byte[Padding(word.Length)]);
        }

        return [.. bytes];
    }
}
