using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace NixStore.Caches.Tests.Support;

/// <summary>Small NARs and what is known of them.</summary>
internal static class Samples
{
    public static readonly StorePath Path = StorePath.Parse("v47c330my7x4cg2v2il45xcap019zfgh-sample");
    public static readonly StorePath Other = StorePath.Parse("0bfih43a5pq1w9g5z24xpgpg658kp712-other");

    /// <summary>The NAR of a regular file.</summary>
    public static byte[] Nar(byte[] contents)
    {
        using var nar = new MemoryStream();
        foreach (var word in new[] { "nix-archive-1", "(", "type", "regular", "contents" })
        {
            Write(Encoding.ASCII.GetBytes(word));
        }

        Write(contents);
        Write(")"u8.ToArray());
        return nar.ToArray();

        void Write(byte[] bytes)
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
            nar.Write(length);
            nar.Write(bytes);
            nar.Write(new byte[-bytes.Length & 7]);
        }
    }

    /// <summary>Half text, half noise; always the same.</summary>
    public static byte[] Contents(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        for (var i = 0; i < length / 2; i++)
        {
            bytes[i] = (byte)("the quick brown fox "[i % 20] + (i / 5000 % 3));
        }

        return bytes;
    }

    public static ValidPathInfo Info(byte[] nar, StorePath? path = null, params StorePath[] references) => new()
    {
        Path = path ?? Path,
        NarHash = new NixHash(NixHashAlgorithm.Sha256, SHA256.HashData(nar)),
        NarSize = nar.Length,
        References = references,
    };

    public static byte[] ReadAll(Stream stream)
    {
        using (stream)
        {
            using var all = new MemoryStream();
            stream.CopyTo(all);
            return all.ToArray();
        }
    }
}
