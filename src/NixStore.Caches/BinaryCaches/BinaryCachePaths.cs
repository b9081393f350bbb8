using NixStore.Caches.Narinfo;

namespace NixStore.Caches.BinaryCaches;

/// <summary>The paths of a cache as a pipeline carries them.</summary>
public static class BinaryCachePaths
{
    private const string Suffix = ".narinfo";

    /// <summary>The hash parts of all paths, in order, while the listing is read.</summary>
    /// <exception cref="NixStoreException">BinaryCacheNotListable; as <see cref="BinaryCache.List"/>.</exception>
    public static IEnumerable<string> HashParts(BinaryCache cache, CancellationToken cancellation)
        => cache.List(cancellation: cancellation).Select(file => TryParseName(file.Name)).OfType<string>();

    /// <summary>The hash part that a narinfo's name in a cache has; null when it is the name of something else.</summary>
    public static string? TryParseName(string name)
        => name.Length == StorePath.HashPartLength + Suffix.Length && name.EndsWith(Suffix, StringComparison.Ordinal)
            && Nix32.IsValid(name.AsSpan(0, StorePath.HashPartLength)) ? name[..StorePath.HashPartLength] : null;

    /// <summary>The hash part that a text names: 32 characters, a base name or a full path.</summary>
    /// <param name="text">As people write it.</param>
    /// <param name="directory">The cache's store directory.</param>
    /// <exception cref="NixStoreException">InvalidStorePath</exception>
    public static string ParseHashPart(string text, StoreDirectory directory)
    {
        if (text.Length == StorePath.HashPartLength && Nix32.IsValid(text))
        {
            return text;
        }

        return (text.StartsWith('/')
            ? directory.TryParsePrefix(text, out var path, out _) ? path : directory.Parse(text)
            : StorePath.Parse(text)).HashPart;
    }

    /// <summary>Reads the narinfo of a hash part.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="hashPart">The hash part.</param>
    /// <param name="asked">What it was taken from, for errors; null = itself.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="NixStoreException">PathNotInCache; as <see cref="BinaryCache.TryGetNarInfo(string, CancellationToken)"/>.</exception>
    public static BinaryCachePath Get(BinaryCache cache, string hashPart, string? asked, CancellationToken cancellation)
        => cache.TryGetNarInfo(hashPart, cancellation) is { } narInfo
            ? Describe(cache, narInfo)
            : throw new NixStoreException("PathNotInCache", StoreErrorKind.NotFound, $"The binary cache '{cache.Url}' does not have '{asked ?? hashPart}'.",
                asked ?? hashPart, "Ask another cache.");

    /// <summary>What a narinfo says.</summary>
    public static BinaryCachePath Describe(BinaryCache cache, NarInfo narInfo)
    {
        var (info, directory) = (narInfo.Info, cache.StoreDirectory);
        return new BinaryCachePath
        {
            BinaryCache = cache.Address,
            Path = directory.Print(info.Path),
            StorePath = info.Path,
            Url = narInfo.Url,
            Compression = narInfo.Compression,
            FileHash = narInfo.FileHash,
            FileSize = narInfo.FileSize,
            NarHash = info.NarHash,
            NarSize = info.NarSize,
            References = [.. info.References.Select(directory.Print)],
            Deriver = info.Deriver is { } deriver ? directory.Print(deriver) : null,
            Signatures = info.Signatures,
            ContentAddress = info.ContentAddress,
        };
    }
}
