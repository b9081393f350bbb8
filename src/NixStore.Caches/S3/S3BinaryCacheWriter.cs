using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Compression;
using NixStore.Caches.Http;

namespace NixStore.Caches.S3;

/// <summary>Writes into a bucket. An object appears whole or not at all; a NAR is written to this machine first, since its name follows from its contents.</summary>
internal sealed class S3BinaryCacheWriter(S3BinaryCache cache, HttpTransport transport) : BinaryCacheWriter(cache)
{
    private readonly S3Uploader _uploader = new(cache.Location, transport);

    protected override StagedFile Stage(string hint) => new Staged(cache.Location.Prefix, _uploader);

    protected override void WriteSmall(SmallFileKind kind, string relative, byte[] bytes, CancellationToken cancellation)
    {
        var (mediaType, compression) = kind switch
        {
            SmallFileKind.CacheInfo => ("text/x-nix-cache-info", null),
            SmallFileKind.NarInfo => ("text/x-nix-narinfo", cache.Parameters.NarInfoCompression),
            SmallFileKind.Listing => ("application/json", cache.Parameters.ListingCompression),
            _ => ("application/json", (NarCompression?)null),
        };
        var body = compression is { } wanted and not NarCompression.None ? Compress(bytes, wanted) : bytes;
        var encoding = ReferenceEquals(body, bytes) ? null : compression!.Value.Name();
        _uploader.PutSmall(cache.Location.Prefix + relative, mediaType, encoding, body, cancellation);
    }

    private byte[] Compress(byte[] bytes, NarCompression compression)
    {
        using var compressed = new MemoryStream();
        using (var encoder = NarCodec.OpenEncoder(compression, compressed, null, cache.Url))
        {
            encoder.Write(bytes);
        }

        return compressed.ToArray();
    }

    /// <summary>A file without a name on this machine: it vanishes with the process, however that ends.</summary>
    private sealed class Staged : StagedFile
    {
        private readonly string _prefix;
        private readonly S3Uploader _uploader;
        private readonly FileStream _file;

        public Staged(string prefix, S3Uploader uploader)
        {
            _prefix = prefix;
            _uploader = uploader;
            var name = Path.Combine(Path.GetTempPath(), $"nixstore-upload-{Guid.NewGuid():N}");
            _file = new FileStream(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 64 << 10);
            File.Delete(name);
        }

        public override Stream Stream => _file;

        public override Stream OpenRead()
        {
            _file.Flush();
            return new FilePart(_file, 0, _file.Length);
        }

        public override void Publish(string relative, NixHash hash, CancellationToken cancellation)
        {
            _file.Flush();
            _uploader.PutFile(_prefix + relative, "application/x-nix-nar", _file, hash.Bytes, cancellation);
        }

        public override void Dispose() => _file.Dispose();
    }
}
