using System.Globalization;
using System.Text;

namespace NixStore.Caches.Narinfo;

/// <summary>Writes narinfos byte for byte as Nix does (STORE-SPEC §8; Nix libstore/nar-info.cc:to_string).</summary>
public static class NarInfoWriter
{
    /// <summary>The bytes of the file.</summary>
    public static byte[] ToBytes(NarInfo narInfo, StoreDirectory directory) => Encoding.UTF8.GetBytes(ToText(narInfo, directory));

    /// <summary>The text of the file: every line ends in a newline; references and signatures are sorted by bytes.</summary>
    public static string ToText(NarInfo narInfo, StoreDirectory directory)
    {
        var info = narInfo.Info;
        var text = new StringBuilder(512);
        Line("StorePath", directory.Print(info.Path));
        Line("URL", narInfo.Url);
        Line("Compression", narInfo.Compression);
        if (narInfo.FileHash is { } fileHash)
        {
            Line("FileHash", fileHash.ToString());
        }

        if (narInfo.FileSize is { } fileSize)
        {
            Line("FileSize", fileSize.ToString(CultureInfo.InvariantCulture));
        }

        Line("NarHash", info.NarHash.ToString());
        Line("NarSize", info.NarSize.ToString(CultureInfo.InvariantCulture));
        Line("References", string.Join(' ', info.References.Select(path => path.BaseName).Distinct().Order(StringComparer.Ordinal)));
        if (info.Deriver is { } deriver)
        {
            Line("Deriver", deriver.BaseName);
        }

        foreach (var signature in info.Signatures.Select(s => s.ToString()).Concat(narInfo.MalformedSignatures).Distinct().Order(StringComparer.Ordinal))
        {
            Line("Sig", signature);
        }

        if (info.ContentAddress is { } address)
        {
            Line("CA", address.ToString());
        }

        return text.ToString();

        void Line(string name, string value) => text.Append(name).Append(": ").Append(value).Append('\n');
    }
}
