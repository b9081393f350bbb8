namespace NixStore.Caches.Compression;

/// <summary>How Nix names compressions in narinfos and URLs, and which suffix it gives their files (STORE-SPEC §8).</summary>
public static class NarCompressionNames
{
    /// <summary>The names that can be used, for messages and completion.</summary>
    public static IReadOnlyList<string> All { get; } = ["none", "xz", "zstd", "bzip2", "gzip", "br"];

    /// <summary>Finds the compression of a name.</summary>
    /// <param name="name">As in a narinfo; empty and null mean <c>bzip2</c>, as for Nix.</param>
    /// <param name="compression">The compression.</param>
    /// <returns>False for a name that nothing is known of.</returns>
    public static bool TryParse(string? name, out NarCompression compression)
    {
        (var known, compression) = name switch
        {
            "none" => (true, NarCompression.None),
            "xz" => (true, NarCompression.Xz),
            "zstd" => (true, NarCompression.Zstd),
            "bzip2" or "" or null => (true, NarCompression.Bzip2),
            "gzip" => (true, NarCompression.Gzip),
            "br" => (true, NarCompression.Br),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>Finds the compression of a name.</summary>
    /// <param name="name">As in a narinfo.</param>
    /// <param name="origin">What the name was found in, for the error.</param>
    /// <exception cref="NixStoreException">CompressionNotSupported</exception>
    public static NarCompression Parse(string? name, string origin)
        => TryParse(name, out var compression) ? compression : throw new NixStoreException(
            "CompressionNotSupported", StoreErrorKind.NotSupported, $"'{origin}' uses the compression '{name}', which is not supported.", origin,
            $"Supported are {string.Join(", ", All)}.");

    /// <summary>Finds the compression of an HTTP <c>Content-Encoding</c>; Nix uploads small files with such.</summary>
    internal static bool TryParseContentEncoding(string encoding, out NarCompression compression)
    {
        if (encoding is "identity" or "x-gzip")
        {
            compression = encoding == "identity" ? NarCompression.None : NarCompression.Gzip;
            return true;
        }

        compression = default;
        return encoding.Length > 0 && TryParse(encoding, out compression);
    }

    /// <summary>The name in narinfos and URLs.</summary>
    public static string Name(this NarCompression compression) => All[(int)compression];

    /// <summary>What follows <c>.nar</c> in a file's name; Nix gives gzip none.</summary>
    public static string FileSuffix(this NarCompression compression) => compression switch
    {
        NarCompression.Xz => ".xz",
        NarCompression.Zstd => ".zst",
        NarCompression.Bzip2 => ".bz2",
        NarCompression.Br => ".br",
        _ => "",
    };
}
