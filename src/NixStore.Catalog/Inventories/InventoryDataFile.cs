using System.Security.Cryptography;

namespace NixStore.Catalog.Inventories;

/// <summary>A data file of an inventory on this machine.</summary>
/// <param name="Path">Where.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Md5">Its MD5 in hexadecimal.</param>
/// <param name="IsTemporary">It is removed when it is not needed any more.</param>
internal sealed record InventoryDataFile(string Path, long Size, string Md5, bool IsTemporary) : IDisposable
{
    private const int BufferSize = 1 << 18;

    /// <summary>Hashes a file that is there, or, with a target, while it is copied.</summary>
    internal static InventoryDataFile From(Stream source, string path, Stream? target, CancellationToken cancellation)
    {
        // Not for security: it is what S3 says of its files.
#pragma warning disable CA5351
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        var buffer = new byte[BufferSize];
        long size = 0;
        for (int count; (count = source.Read(buffer)) > 0; size += count)
        {
            cancellation.ThrowIfCancellationRequested();
            md5.AppendData(buffer, 0, count);
            target?.Write(buffer, 0, count);
        }

        return new InventoryDataFile(path, size, Convert.ToHexStringLower(md5.GetHashAndReset()), target is not null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsTemporary)
        {
            File.Delete(Path);
        }
    }
}
