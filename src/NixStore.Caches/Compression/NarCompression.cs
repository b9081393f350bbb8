namespace NixStore.Caches.Compression;

/// <summary>The compressions of NAR files that can be read and written here.</summary>
public enum NarCompression
{
    /// <summary>Not compressed.</summary>
    None,
    /// <summary>LZMA2 in the .xz format; Nix's default.</summary>
    Xz,
    /// <summary>Zstandard.</summary>
    Zstd,
    /// <summary>bzip2; what an absent <c>Compression:</c> means.</summary>
    Bzip2,
    /// <summary>gzip.</summary>
    Gzip,
    /// <summary>Brotli.</summary>
    Br,
}
