using NixStore.Caches.Compression;

namespace NixStore.Caches.Transfer;

/// <summary>A NAR in a file, compressed as its name says: <c>x.nar</c>, <c>x.nar.xz</c>, ….</summary>
public static class NarFile
{
    private const string Suffix = ".nar";

    private static readonly (string Suffix, NarCompression Compression)[] s_compressions =
    [
        (".xz", NarCompression.Xz), (".zst", NarCompression.Zstd), (".bz2", NarCompression.Bzip2), (".gz", NarCompression.Gzip), (".br", NarCompression.Br),
    ];

    /// <summary>The file's name without what says that it is a NAR.</summary>
    public static string NameOf(string file)
    {
        var name = Path.GetFileName(file);
        name = name[..^Compressed(name).Suffix.Length];
        return name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name;
    }

    /// <summary>Opens the NAR.</summary>
    /// <exception cref="NixStoreException">NarFileNotFound, NarFileUnreadable</exception>
    /// <exception cref="CodecException">Also while reading.</exception>
    public static Stream Open(string file)
    {
        try
        {
            return NarCodec.OpenDecoder(
                Compressed(file).Compression, new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), file);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NixStoreException("NarFileNotFound", StoreErrorKind.NotFound, $"There is no file '{file}'.", file, "Check the path.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("NarFileUnreadable", StoreErrorKind.ReadError, $"'{file}' cannot be read: {error.Message}", file, null, error);
        }
    }

    private static (string Suffix, NarCompression Compression) Compressed(string file)
        => s_compressions.FirstOrDefault(known => file.EndsWith(Suffix + known.Suffix, StringComparison.Ordinal), (Suffix: "", Compression: NarCompression.None));
}
