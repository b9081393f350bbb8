using NixStore.Caches.Compression;
using NixStore.Caches.Narinfo;
using NixStore.Engine.Archive;
using NixStore.Engine.Signatures;

namespace NixStore.Caches.BinaryCaches;

/// <summary>
/// Adds paths to a cache. NAR first, then what describes it, narinfo last, each whole or not at all: whenever this is killed, the cache
/// is one that Nix accepts, with at most files that nobody names yet.
/// </summary>
internal abstract class BinaryCacheWriter(BinaryCache cache)
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

        CheckReferences(info, options, cancellation);
        var signed = Sign(info, options);
        try
        {
            BecomeCache(cancellation);
            var narInfo = WriteNar(signed, writeNar, compression, level, options, cancellation);
            options.BeforeNarInfo?.Invoke();
            WriteSmall(SmallFileKind.NarInfo, BinaryCache.NarInfoName(info.Path.HashPart), NarInfoWriter.ToBytes(narInfo, cache.StoreDirectory), cancellation);
            return narInfo;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CacheWriteError.From(e, info.Path, cache.Url);
        }
    }

    /// <summary>Makes what a cache has besides its files.</summary>
    protected virtual void Prepare()
    {
    }

    /// <summary>Makes a file whose name is not known yet.</summary>
    /// <param name="hint">A name near the later one.</param>
    protected abstract StagedFile Stage(string hint);

    /// <summary>Writes a small file; what is there is replaced.</summary>
    protected abstract void WriteSmall(SmallFileKind kind, string relative, byte[] bytes, CancellationToken cancellation);

    // A narinfo whose file is gone or cut off would make every later attempt to mend the cache by copying a no-op.
    private NarInfo? Existing(StorePath path, CancellationToken cancellation)
    {
        try
        {
            var narInfo = cache.TryGetNarInfo(path, cancellation);
            var size = narInfo is null || narInfo.HasAbsoluteUrl ? null : cache.TryGetSize(narInfo.Url, cancellation);
            return size is not null && (narInfo!.FileSize ?? size) == size ? narInfo : null;
        }
        catch (NarInfoCorruptException)
        {
            return null;
        }
    }

    private void CheckReferences(ValidPathInfo info, BinaryCacheAddOptions options, CancellationToken cancellation)
    {
        if (!options.CheckReferences)
        {
            return;
        }

        foreach (var reference in info.References)
        {
            if (!reference.Equals(info.Path) && cache.TryGetSize(BinaryCache.NarInfoName(reference.HashPart), cancellation) is null)
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

    private void BecomeCache(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_isCache)
            {
                return;
            }

            Prepare();
            if (cache.TryGetSize(NixCacheInfo.FileName, cancellation) is null)
            {
                WriteSmall(SmallFileKind.CacheInfo, NixCacheInfo.FileName, NixCacheInfo.ForNewCache(cache.StoreDirectory), cancellation);
            }

            _isCache = true;
        }
    }

    private NarInfo WriteNar(
        ValidPathInfo info, Action<Stream> writeNar, NarCompression compression, int? level, BinaryCacheAddOptions options, CancellationToken cancellation)
    {
        // The name follows from the contents, so the temporary one is made of the path's.
        using var file = Stage($"nar/{info.Path.HashPart}.nar{compression.FileSuffix()}");
        using var compressed = new HashingStream(file.Stream, null, cancellation);
        using (var encoder = NarCodec.OpenEncoder(compression, compressed, level, cache.Url))
        using (var nar = new HashingStream(encoder, count => TooLong(info, count), cancellation))
        {
            writeNar(nar);
            CheckNar(info, nar);
        }

        var fileHash = compressed.GetHash();
        var narInfo = new NarInfo
        {
            Info = info,
            Url = $"nar/{fileHash.ToNix32()}.nar{compression.FileSuffix()}",
            Compression = compression.Name(),
            FileHash = fileHash,
            FileSize = compressed.Count,
        };
        var listing = cache.Parameters is { WriteNarListing: false, IndexDebugInfo: false } ? null : List(file, compression, cancellation);
        if (options.Repair || cache.TryGetSize(narInfo.Url, cancellation) != compressed.Count)
        {
            file.Publish(narInfo.Url, fileHash, cancellation);
        }

        if (listing is not null)
        {
            Describe(narInfo, listing, cancellation);
        }

        return narInfo;
    }

    private NarListing List(StagedFile file, NarCompression compression, CancellationToken cancellation)
    {
        using var nar = NarCodec.OpenDecoder(compression, file.OpenRead(), cache.Url);
        using var reader = new NarReader(nar, leaveOpen: true);
        return NarListing.Read(reader, cancellation: cancellation);
    }

    private void Describe(NarInfo narInfo, NarListing listing, CancellationToken cancellation)
    {
        if (cache.Parameters.WriteNarListing)
        {
            WriteSmall(SmallFileKind.Listing, $"{narInfo.Path.HashPart}.ls", NarListingWriter.Write(listing), cancellation);
        }

        if (cache.Parameters.IndexDebugInfo)
        {
            foreach (var (name, json) in DebugInfoIndex.FilesOf(narInfo, listing))
            {
                // Whoever was first keeps it, as with Nix.
                if (cache.TryGetSize(name, cancellation) is null)
                {
                    WriteSmall(SmallFileKind.DebugInfo, name, json, cancellation);
                }
            }
        }
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
}
