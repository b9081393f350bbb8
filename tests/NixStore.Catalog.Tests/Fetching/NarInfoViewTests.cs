using System.Text;
using NixStore.Bench.Catalogs;
using NixStore.Bench.Fetching;
using NixStore.Caches.Narinfo;
using NixStore.Catalog.Feeding;

namespace NixStore.Catalog.Tests.Fetching;

/// <summary>The fast reader is right when it says what the careful one says, or nothing.</summary>
public sealed class NarInfoViewTests
{
    private const int Count = 300;
    private const int Changes = 200;

    private static readonly byte[] s_prefix = "/nix/store/"u8.ToArray();
    private static readonly NarInfoText s_text = new(new SyntheticCache(new GeneratorOptions { Count = Count, Rebuild = 100 }));

    private static readonly string[] s_pieces =
    [
        " ", "  ", "\n", "\n\n", "\r\n", "\r", ":", ": ", "/", "//", "../", "./", "%2e", "%2E%2e/", "?", "#", "\\", "\0", "é", "\t", "=", "==", "-", ".", "0", "1", "9", "z", "e",
        "http://", "https://evil.example/", "/nix/store/", "unknown-deriver", "sha256:", "sha256-", "sha1:", "fixed:", "fixed:r:", "text:", "Sig: ", "\nSig: a:b\n", "\nSystem: x\n",
        "\nCA: \n", "\nReferences: \n", "\nReferences: ", "\nFileSize: 0\n", "\nNarSize: 0\n", "\nURL: nar/x\n", "\nCompression: \n", "\nDeriver: \n", "\nFileHash:\n", "\nX\n", "\nX: y\n",
        "99999999999999999999", "0000000000000000000000000000000000000000000000000000",
    ];

    [Fact]
    public void All_that_is_as_usual_is_read()
    {
        for (var i = 0; i < Count; i++)
        {
            Assert.True(Check(s_text.Of(i)), Encoding.ASCII.GetString(s_text.Of(i)));
        }
    }

    [Fact]
    public void It_never_says_anything_else_than_the_careful_reader()
    {
        var random = new Random(20261126);
        var accepted = 0;
        for (var i = 0; i < Count; i++)
        {
            for (var change = 0; change < Changes; change++)
            {
                var bytes = s_text.Of(i);
                for (var n = random.Next(1, 4); n > 0; n--)
                {
                    bytes = Change(bytes, random);
                }

                accepted += Check(bytes) ? 1 : 0;
            }
        }

        // Of this many changes some are harmless, and most are not.
        Assert.InRange(accepted, Count * Changes / 100, Count * Changes * 3 / 4);
    }

    [Theory]
    [InlineData("URL: nar/../x.nar")]
    [InlineData("URL: /nar/x.nar")]
    [InlineData("URL: nar//x.nar")]
    [InlineData("URL: nar/")]
    [InlineData("URL: https://evil.example/x.nar")]
    [InlineData("URL: nar/%2e%2e/x.nar")]
    [InlineData("NarSize: 0")]
    [InlineData("NarSize: -1")]
    [InlineData("NarSize: 1 ")]
    [InlineData("NarSize: 9223372036854775808")]
    [InlineData("NarHash: sha256:z000000000000000000000000000000000000000000000000000")]
    [InlineData("StorePath: /gnu/store/00000000000000000000000000000000-x")]
    [InlineData("StorePath: /nix/store/00000000000000000000000000000000-.x")]
    [InlineData("References: 00000000000000000000000000000000-b 00000000000000000000000000000000-a")]
    [InlineData("References: 00000000000000000000000000000000-a 00000000000000000000000000000000-a")]
    [InlineData("References: 00000000000000000000000000000000-a ")]
    [InlineData("Sig: a:b")]
    public void What_is_unusual_is_left_to_the_careful_reader(string line)
    {
        var text = Encoding.ASCII.GetString(s_text.Of(0)).Split('\n');
        var index = Array.FindIndex(text, other => other.StartsWith(line[..(line.IndexOf(':') + 1)], StringComparison.Ordinal));
        text[index] = line;
        Assert.False(NarInfoView.TryRead(Encoding.ASCII.GetBytes(string.Join('\n', text)), s_prefix, out _));
    }

    /// <summary>True when the fast reader could read it; then both must have said the same.</summary>
    private static bool Check(byte[] bytes)
    {
        if (!NarInfoView.TryRead(bytes, s_prefix, out var view))
        {
            return false;
        }

        // Whatever the careful one objects to is an exception here.
        var narInfo = NarInfoReader.Parse(bytes, StoreDirectory.Default, Encoding.UTF8.GetString(bytes));
        Assert.False(narInfo.HasAbsoluteUrl);
        Assert.Equal(Describe(narInfo, bytes), Describe(view, bytes));
        return true;
    }

    private static string Describe(NarInfo narInfo, byte[] bytes) => string.Join(
        '|', narInfo.Path.HashPart, narInfo.Path.Name, narInfo.Url, narInfo.Compression, narInfo.FileHash, narInfo.FileSize, narInfo.Info.NarHash, narInfo.Info.NarSize,
        string.Join(' ', narInfo.Info.References.Select(path => path.HashPart)), narInfo.Info.Deriver, NarInfoAppender.SystemOf(bytes), narInfo.Info.ContentAddress,
        string.Join(' ', narInfo.Info.Signatures));

    private static string Describe(in NarInfoView view, byte[] bytes)
    {
        var references = new List<string>();
        for (var rest = view.References; !rest.IsEmpty; rest = rest.IndexOf((byte)' ') is var end and >= 0 ? rest[(end + 1)..] : default)
        {
            references.Add(Encoding.ASCII.GetString(rest[..32]));
        }

        var signatures = new List<string>();
        for (var i = 0; i < view.SignatureCount; i++)
        {
            signatures.Add(Encoding.ASCII.GetString(view.Signature(bytes, i)));
        }

        return string.Join(
            '|', Encoding.ASCII.GetString(view.Hash), Encoding.ASCII.GetString(view.Name), Encoding.ASCII.GetString(view.Url), Encoding.ASCII.GetString(view.Compression),
            Encoding.ASCII.GetString(view.FileHash), view.FileSize, Encoding.ASCII.GetString(view.NarHash), view.NarSize, string.Join(' ', references),
            Encoding.ASCII.GetString(view.Deriver), Encoding.ASCII.GetString(view.System), Encoding.ASCII.GetString(view.ContentAddress), string.Join(' ', signatures));
    }

    private static byte[] Change(byte[] bytes, Random random)
    {
        var place = random.Next(bytes.Length + 1);
        switch (random.Next(8))
        {
            case 0:
                return [.. bytes[..place], (byte)random.Next(256), .. bytes[Math.Min(place + 1, bytes.Length)..]];
            case 1:
                return [.. bytes[..place], .. bytes[Math.Min(place + random.Next(1, 40), bytes.Length)..]];
            case 2:
            case 3:
                return [.. bytes[..place], .. Encoding.UTF8.GetBytes(s_pieces[random.Next(s_pieces.Length)]), .. bytes[place..]];
            case 4:
                return bytes[..place];
            default:
                var lines = Encoding.Latin1.GetString(bytes).Split('\n').ToList();
                var (from, to) = (random.Next(lines.Count), random.Next(lines.Count));
                var line = lines[from];
                if (random.Next(3) != 0)
                {
                    lines.RemoveAt(from);
                }

                if (random.Next(3) != 0)
                {
                    lines.Insert(Math.Min(to, lines.Count), line);
                }

                return Encoding.Latin1.GetBytes(string.Join('\n', lines));
        }
    }
}
