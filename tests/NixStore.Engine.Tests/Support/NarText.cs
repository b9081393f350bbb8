using System.Buffers.Binary;
using System.Text;

namespace NixStore.Engine.Tests.Support;

/// <summary>Archives put together word by word, so that each can be wrong in one place. Strings are Latin-1: any byte can be written.</summary>
internal static class NarText
{
    public static byte[] Archive(params byte[][] node) => [.. Words("nix-archive-1"), .. node.SelectMany(part => part)];

    public static byte[] Words(params string[] words) => [.. words.SelectMany(word => Padded(Encoding.Latin1.GetBytes(word)))];

    public static byte[] File(string contents, bool executable = false)
        => [.. Words("(", "type", "regular"), .. executable ? Words("executable", "") : [], .. Words("contents", contents, ")")];

    public static byte[] Link(string target) => Words("(", "type", "symlink", "target", target, ")");

    public static byte[] Folder(params (string Name, byte[] Node)[] entries)
        => [.. Words("(", "type", "directory"), .. entries.SelectMany(entry => Entry(entry.Name, entry.Node)), .. Words(")")];

    public static byte[] Entry(string name, byte[] node) => [.. Words("entry", "(", "name", name, "node"), .. node, .. Words(")")];

    /// <summary>So many directories within each other.</summary>
    public static byte[] Nested(int directories, byte[] innermost)
    {
        using var stream = new MemoryStream();
        for (var i = 0; i < directories; i++)
        {
            stream.Write(Words("(", "type", "directory", "entry", "(", "name", "d", "node"));
        }

        stream.Write(innermost);
        for (var i = 0; i < directories; i++)
        {
            stream.Write(Words(")", ")"));
        }

        return stream.ToArray();
    }

    private static byte[] Padded(byte[] text)
    {
        var bytes = new byte[8 + ((text.Length + 7) / 8 * 8)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, text.Length);
        text.CopyTo(bytes, 8);
        return bytes;
    }
}
