using NixStore.Caches.Narinfo;
using NixStore.Engine.Sources;

namespace NixStore.Caches.BinaryCaches;

/// <summary>A binary cache as a source of contents for verification and repair.</summary>
/// <param name="cache">The cache; disposed with the source.</param>
/// <param name="rememberedNarInfos">How many narinfos are kept, so that asking again is cheap.</param>
public sealed class BinaryCacheSource(BinaryCache cache, int rememberedNarInfos = 4096) : IContentSource
{
    private readonly RecentNarInfos _recent = new(rememberedNarInfos);

    /// <summary>The cache.</summary>
    public BinaryCache Cache => cache;

    /// <summary>The cache's address.</summary>
    public string Name => cache.Url;

    /// <summary>What the cache says of a path. Only what it has is remembered: what it lacks may be added at any time.</summary>
    /// <exception cref="NixStoreException">NarInfoCorrupt, NarInfoMismatch; errors of reading.</exception>
    public SourcePath? Find(StorePath path, CancellationToken cancellation)
        => NarInfoOf(path, cancellation) is { } narInfo ? new SourcePath(narInfo.Info, narInfo.Url, narInfo.FileSize) : null;

    /// <summary>Opens the decompressed NAR; see <see cref="BinaryCache.OpenNar"/> for what is checked while it is read.</summary>
    /// <exception cref="NixStoreException">PathNotInCache: it has gone since <see cref="Find"/>; as <see cref="BinaryCache.OpenNar"/>.</exception>
    public Stream OpenNar(SourcePath path, CancellationToken cancellation)
    {
        var narInfo = NarInfoOf(path.Info.Path, cancellation) ?? throw new NixStoreException("PathNotInCache", StoreErrorKind.NotFound,
            $"The binary cache '{Name}' does not have '{path.Info.Path}' any more.", path.Info.Path.BaseName, "Take it from another source.");
        try
        {
            return cache.OpenNar(narInfo, cancellation);
        }
        catch (NixStoreException e) when (e.ErrorId == "BinaryCacheFileMissing")
        {
            // Somebody may have replaced the path by another build, whose narinfo names another file.
            _recent.Forget(path.Info.Path);
            throw;
        }
    }

    /// <summary>Disposes the cache.</summary>
    public void Dispose() => cache.Dispose();

    /// <inheritdoc/>
    public override string ToString() => Name;

    private NarInfo? NarInfoOf(StorePath path, CancellationToken cancellation)
    {
        if (_recent.TryGet(path) is { } known)
        {
            return known;
        }

        var narInfo = cache.TryGetNarInfo(path, cancellation);
        if (narInfo is not null)
        {
            _recent.Remember(narInfo);
        }

        return narInfo;
    }
}
