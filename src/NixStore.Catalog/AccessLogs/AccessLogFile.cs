using System.IO.Hashing;
using NixStore.Caches.Compression;
using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.AccessLogs;

/// <summary>An access log on this machine.</summary>
/// <param name="Path">Where.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Digest">What is known again of it, whatever its name.</param>
/// <param name="Compression">As DuckDB calls it.</param>
internal sealed record AccessLogFile(string Path, long Size, string Digest, string Compression)
{
    /// <summary>Looks at a file, and whether all of it is there when it is compressed.</summary>
    /// <exception cref="NixStoreException">AccessLogUnreadable</exception>
    /// <exception cref="OperationCanceledException"/>
    internal static AccessLogFile Open(string path, CancellationToken cancellation)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var hash = new XxHash128();
            hash.Append(file);
            CompressedFile.Check(path, [], cancellation);
            return new AccessLogFile(path, file.Position, Convert.ToHexStringLower(hash.GetCurrentHash()), CompressedFile.NameOf(CompressedFile.CompressionOf(path)));
        }
        catch (CodecException error)
        {
            throw new NixStoreException("AccessLogUnreadable", StoreErrorKind.InvalidData, $"The log '{path}' is damaged: {error.Message}", path,
                "Fetch it anew; nothing of it is in the catalog.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("AccessLogUnreadable",
                error is FileNotFoundException or DirectoryNotFoundException ? StoreErrorKind.NotFound : error is UnauthorizedAccessException ? StoreErrorKind.PermissionDenied : StoreErrorKind.ReadError,
                $"The log '{path}' cannot be read: {error.Message}", path, null, error);
        }
    }
}
