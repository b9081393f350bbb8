using System.IO.Hashing;

namespace NixStore.Catalog.AccessLogs;

/// <summary>An access log on this machine.</summary>
/// <param name="Path">Where.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Digest">What is known again of it, whatever its name.</param>
/// <param name="Compression">As DuckDB calls it.</param>
internal sealed record AccessLogFile(string Path, long Size, string Digest, string Compression)
{
    /// <summary>Looks at a file.</summary>
    /// <exception cref="NixStoreException">AccessLogUnreadable</exception>
    internal static AccessLogFile Open(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var hash = new XxHash128();
            hash.Append(file);
            var compression = System.IO.Path.GetExtension(path).ToUpperInvariant() switch { ".GZ" => "gzip", ".ZST" or ".ZSTD" => "zstd", _ => "none" };
            return new AccessLogFile(path, file.Position, Convert.ToHexStringLower(hash.GetCurrentHash()), compression);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("AccessLogUnreadable",
                error is FileNotFoundException or DirectoryNotFoundException ? StoreErrorKind.NotFound : error is UnauthorizedAccessException ? StoreErrorKind.PermissionDenied : StoreErrorKind.ReadError,
                $"The log '{path}' cannot be read: {error.Message}", path, null, error);
        }
    }
}
