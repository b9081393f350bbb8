using NixStore.Caches.Compression;
using NixStore.Caches.Narinfo;
using NixStore.Engine.Signatures;

namespace NixStore.Caches.BinaryCaches;

/// <summary>
/// Adds paths to a cache in a directory. NAR before narinfo, each written beside its place, synced and renamed: whenever this is
/// killed, the cache is one that Nix accepts, with at most a leftover <c>.tmp.</c> file or a NAR that nobody names yet.
/// </summary>
internal sealed class FileBinaryCacheWriter(FileBinaryCache cache)
{
    private readonly Lock _lock = new();
    private bool _isCache;

    public NarInfo Add(ValidPathInfo info, Action<Stream> writeNar, BinaryCacheAddOptions options, CancellationToken cancellation)
    {
        var compression = options.Compression ?? cache.Parameters.Compression;
        var level = options.CompressionLevel ?? (options.Compression is null ? cache.Parameters.CompressionLevel : null);
        NarCodec.CheckLevel(compression, level, cache.Url);
        if (info.NarSize <= 0)
        {
            throw new NixStoreException("NoNarSize", StoreErrorKind.InvalidData,
                $"'{info.Path}' cannot be added to '{cache.Url}': its NAR size is not known.", cache.StoreDirectory.Print(info.Path));
        }

        if (!options.Repair && Existing(info.Path, cancellation) is { } existing)
        {
            return existing;
        }

        CheckReferences(info, options);
        var signed = Sign(info, options);
        try
        {
            BecomeCache();
            var narInfo = WriteNar(signed, writeNar, compression, level, options.Repair, cancellation);
            options.BeforeNarInfo?.Invoke();
            WriteWhole(BinaryCache.NarInfoName(info.Path.HashPart), NarInfoWriter.ToBytes(narInfo, cache.StoreDirectory));
            return narInfo;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CacheWriteError.From(e, info.Path, cache.Url);
        }
    }

    // A narinfo whose file is gone or cut off would make every later attempt to mend the cache by copying a no-op.
    private NarInfo? Existing(StorePath path, CancellationToken cancellation)
    {
        try
        {
            var narInfo = cache.TryGetNarInfo(path, cancellation);
            var file = narInfo is null || narInfo.HasAbsoluteUrl ? null : new FileInfo(cache.PathOf(narInfo.Url));
            return file is { Exists: true } && (narInfo!.FileSize is null || narInfo.FileSize == file.Length) ? narInfo : null;
        }
        catch (NarInfoCorruptException)
        {
            return null;
        }
    }

    private void CheckReferences(ValidPathInfo info, BinaryCacheAddOptions options)
    {
        if (!options.CheckReferences)
        {
            return;
        }

        foreach (var reference in info.References)
        {
            if (!reference.Equals(info.Path) && !File.Exists(cache.PathOf(BinaryCache.NarInfoName(reference.HashPart))))
            {
                throw new NixStoreException("ReferenceNotInCache", StoreErrorKind.InvalidArgument,
                    $"'{info.Path}' cannot be added to '{cache.Url}', because its reference '{reference}' is not there.",
                    cache.StoreDirectory.Print(info.Path), "Add the references first.");
            }
        }
    }

    private ValidPathInfo Sign(ValidPathInfo info, BinaryCacheAddOptions options)
    {
        var signatures = new List<StoreSignature>(info.Signatures);
        signatures.AddRange(options.SecretKeys.Select(key => key.Sign(info, cache.StoreDirectory)));
        foreach (var file in cache.Parameters.SecretKeyFiles)
        {
            using var key = NixSecretKey.Load(file);
            signatures.Add(key.Sign(info, cache.StoreDirectory));
        }

        return info with { Signatures = [.. signatures.Distinct()] };
    }

    private void BecomeCache()
    {
        lock (_lock)
        {
            if (_isCache)
            {
                return;
            }

            // The directories that Nix makes in a new cache.
            foreach (var name in (ReadOnlySpan<string>)["nar", "realisations", "log"])
            {
                Directory.CreateDirectory(cache.PathOf(name));
            }

            if (!File.Exists(cache.PathOf(NixCacheInfo.FileName)))
            {
                WriteWhole(NixCacheInfo.FileName, NixCacheInfo.ForNewCache(cache.StoreDirectory));
            }

            _isCache = true;
        }
    }

    private NarInfo WriteNar(
        ValidPathInfo info, Action<Stream> writeNar, NarCompression compression, int? level, bool repair, CancellationToken cancellation)
    {
        // The name follows from the contents, so the temporary one is made of the path's.
        using var file = new TemporaryFile(cache.PathOf($"nar/{info.Path.HashPart}.nar{compression.FileSuffix()}"));
        using var compressed = new HashingStream(file.Stream, null, cancellation);
        using (var encoder = NarCodec.OpenEncoder(compression, compressed, level, cache.Url))
        using (var nar = new HashingStream(encoder, count => TooLong(info, count), cancellation))
        {
            writeNar(nar);
            CheckNar(info, nar);
        }

        var fileHash = compressed.GetHash();
        var url = $"nar/{fileHash.ToNix32()}.nar{compression.FileSuffix()}";
        var place = new FileInfo(cache.PathOf(url));
        if (repair || !place.Exists || place.Length != compressed.Count)
        {
            file.MoveTo(place.FullName);
        }

        return new NarInfo
        {
            Info = info,
            Url = url,
            Compression = compression.Name(),
            FileHash = fileHash,
            FileSize = compressed.Count,
        };
    }

    private void TooLong(ValidPathInfo info, long count)
    {
        if (count > info.NarSize)
        {
            throw Mismatch(info, $"expected {info.NarSize} bytes, got more");
        }
    }

    private void CheckNar(ValidPathInfo info, HashingStream nar)
    {
        if (nar.Count != info.NarSize)
        {
            throw Mismatch(info, $"expected {info.NarSize} bytes, got {nar.Count}");
        }

        var hash = nar.GetHash();
        if (!hash.Equals(info.NarHash))
        {
            throw Mismatch(info, $"expected {info.NarHash}, got {hash}");
        }
    }

    private NixStoreException Mismatch(ValidPathInfo info, string detail) => new(
        "NarHashMismatch", StoreErrorKind.InvalidData, $"The contents of '{info.Path}' are not the registered ones: {detail}. Nothing was added to '{cache.Url}'.",
        cache.StoreDirectory.Print(info.Path), "Repair the path first.");

    private void WriteWhole(string relative, byte[] bytes)
    {
        using var file = new TemporaryFile(cache.PathOf(relative));
        file.Stream.Write(bytes);
        file.MoveTo(cache.PathOf(relative));
    }
}
