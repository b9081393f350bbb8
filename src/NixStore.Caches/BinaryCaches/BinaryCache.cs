using System.Diagnostics.CodeAnalysis;
using NixStore.Caches.Compression;
using NixStore.Caches.Narinfo;

namespace NixStore.Caches.BinaryCaches;

/// <summary>A binary cache: narinfos and NAR files at an address. Safe to use from several threads at once.</summary>
public abstract class BinaryCache : IDisposable
{
    private StoreDirectory? _storeDirectory;

    /// <summary>Takes the address; the cache is asked for its settings by <see cref="Connect"/>.</summary>
    protected BinaryCache(BinaryCacheUrl url, BinaryCacheOptions options)
    {
        Url = url.Text;
        Parameters = url.Parameters;
        Options = options;
    }

    /// <summary>The address, without settings and password.</summary>
    public string Url { get; }

    /// <summary>What opens the same cache again; a bucket is not found by its name alone.</summary>
    public virtual string Address => Url;

    /// <summary>The settings in the address.</summary>
    public BinaryCacheParameters Parameters { get; }

    /// <summary>The logical store directory of its paths.</summary>
    public StoreDirectory StoreDirectory => _storeDirectory ?? throw new InvalidOperationException("The cache is not connected.");

    /// <summary>Lower is asked first.</summary>
    public int Priority { get; private set; } = NixCacheInfo.DefaultPriority;

    /// <summary>It does not mind being asked for many paths.</summary>
    public bool WantMassQuery { get; private set; }

    /// <summary>Its paths need no signature: the address says so.</summary>
    public bool Trusted => Parameters.Trusted;

    /// <summary>True when <see cref="Add(ValidPathInfo, Action{Stream}, BinaryCacheAddOptions?, CancellationToken)"/> works.</summary>
    public virtual bool CanWrite => false;

    /// <summary>True when <see cref="List"/> works.</summary>
    public virtual bool CanList => false;

    /// <summary>How it was opened.</summary>
    protected BinaryCacheOptions Options { get; }

    /// <summary>The narinfo of a path; null when the cache does not have it.</summary>
    /// <exception cref="NixStoreException">NarInfoCorrupt; NarInfoMismatch: it is about another path; errors of reading.</exception>
    public NarInfo? TryGetNarInfo(StorePath path, CancellationToken cancellation = default)
    {
        var narInfo = TryGetNarInfo(path.HashPart, cancellation);
        return narInfo is null || narInfo.Path.Equals(path) ? narInfo : throw Mismatch(path.HashPart, narInfo.Path, path.BaseName);
    }

    /// <summary>The narinfo of a hash part; null when the cache does not have it.</summary>
    /// <exception cref="NixStoreException">InvalidHashPart; NarInfoCorrupt; NarInfoMismatch; errors of reading.</exception>
    public NarInfo? TryGetNarInfo(string hashPart, CancellationToken cancellation = default)
    {
        if (hashPart.Length != StorePath.HashPartLength || !Nix32.IsValid(hashPart))
        {
            throw new NixStoreException("InvalidHashPart", StoreErrorKind.InvalidArgument, $"'{hashPart}' is not the hash part of a store path.",
                hashPart, "Give the 32 characters in front of the dash.");
        }

        var name = NarInfoName(hashPart);
        var bytes = TryReadFile(name, NarInfoReader.MaximumFileSize, cancellation);
        if (bytes is null)
        {
            return null;
        }

        var narInfo = NarInfoReader.Parse(bytes, StoreDirectory, $"{Url}/{name}");
        return narInfo.Path.HashPart == hashPart ? narInfo : throw Mismatch(hashPart, narInfo.Path, hashPart);
    }

    /// <summary>The whole of a small file; null when there is none.</summary>
    /// <param name="relative">Name in the cache.</param>
    /// <param name="limit">More bytes than this are an error.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="NixStoreException">BinaryCacheFileTooLarge; errors of reading.</exception>
    public abstract byte[]? TryReadFile(string relative, int limit, CancellationToken cancellation = default);

    /// <summary>Opens a file, typically a NAR file, as it is stored.</summary>
    /// <exception cref="NixStoreException">BinaryCacheFileMissing; errors of reading, also later from the stream.</exception>
    public abstract Stream OpenFile(string relative, CancellationToken cancellation = default);

    /// <summary>The size of a file; null when there is none.</summary>
    /// <exception cref="NixStoreException">Errors of reading.</exception>
    public abstract long? TryGetSize(string relative, CancellationToken cancellation = default);

    /// <summary>Lists the files in the order of their names' bytes, while it is enumerated.</summary>
    /// <param name="prefix">Only names that begin with it.</param>
    /// <param name="after">Only names behind this one, where an earlier listing has stopped.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">
    /// BinaryCacheNotListable; BinaryCacheListingInconsistent: the server does not list in order or comes to no end; errors of reading.
    /// </exception>
    public virtual IEnumerable<BinaryCacheFile> List(string prefix = "", string? after = null, CancellationToken cancellation = default)
        => throw new NixStoreException("BinaryCacheNotListable", StoreErrorKind.NotSupported, $"The files of '{Url}' cannot be listed: a web server has no list of them.",
            Url, "Name the paths, or use the cache's s3:// or file:// address.");

    /// <summary>
    /// Opens the decompressed NAR of a path. While it is read, file hash, file size and NAR size are checked; the NAR hash is
    /// the reader's business. What is wrong with the file shows at the latest in front of the NAR's last bytes.
    /// </summary>
    /// <exception cref="NixStoreException">
    /// BinaryCacheFileMissing, CompressionNotSupported, CodecNotAvailable; while reading NarFileHashMismatch, NarTooLong, NarTooShort,
    /// CompressedDataTruncated, CompressedDataCorrupt, CompressedDataTrailingGarbage and errors of reading.
    /// </exception>
    public Stream OpenNar(NarInfo narInfo, CancellationToken cancellation = default)
    {
        var target = narInfo.HasAbsoluteUrl ? narInfo.Url : $"{Url}/{narInfo.Url}";
        var compression = NarCompressionNames.Parse(narInfo.Compression, target);
        var file = new NarFileStream(OpenFile(narInfo.Url, cancellation), narInfo, target);
        try
        {
            return new NarStream(NarCodec.OpenDecoder(compression, file, target), narInfo, target, cancellation);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Adds a path; what is there already is kept.</summary>
    /// <param name="info">The path. Its references must be in the cache, itself excepted.</param>
    /// <param name="writeNar">Writes the NAR.</param>
    /// <param name="options">How; null = as the address says.</param>
    /// <param name="cancellation">Stops; nothing is left then.</param>
    /// <returns>The narinfo in the cache.</returns>
    /// <exception cref="NixStoreException">
    /// BinaryCacheReadOnly; NarHashMismatch: the NAR is not the one of <paramref name="info"/>, and nothing is left;
    /// ReferenceNotInCache; NoNarSize; BinaryCacheWriteFailed; errors of keys and codecs.
    /// </exception>
    public virtual NarInfo Add(
        ValidPathInfo info, Action<Stream> writeNar, BinaryCacheAddOptions? options = null, CancellationToken cancellation = default)
        => throw new NixStoreException("BinaryCacheReadOnly", StoreErrorKind.NotSupported, $"Nothing can be added to '{Url}'.", Url,
            "Add to a file:// or s3:// cache.");

    /// <summary>Adds a path whose NAR is read from a stream.</summary>
    /// <inheritdoc cref="Add(ValidPathInfo, Action{Stream}, BinaryCacheAddOptions?, CancellationToken)"/>
    public NarInfo Add(ValidPathInfo info, Stream nar, BinaryCacheAddOptions? options = null, CancellationToken cancellation = default)
        => Add(info, nar.CopyTo, options, cancellation);

    /// <summary>Closes connections.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public override string ToString() => Url;

    /// <summary>The name of a narinfo in the cache.</summary>
    internal static string NarInfoName(string hashPart) => $"{hashPart}.narinfo";

    /// <summary>Closes connections.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Reads <c>nix-cache-info</c> and checks that the cache is for the wanted store directory.</summary>
    /// <exception cref="NixStoreException">NotABinaryCache, StoreDirectoryMismatch, BinaryCacheInfoCorrupt; errors of reading.</exception>
    [MemberNotNull(nameof(_storeDirectory))]
    protected void Connect(CancellationToken cancellation)
    {
        var bytes = TryReadFile(NixCacheInfo.FileName, NixCacheInfo.MaximumFileSize, cancellation);
        if (bytes is null && !Options.Create)
        {
            throw new NixStoreException("NotABinaryCache", StoreErrorKind.NotFound, $"'{Url}' is no binary cache: it has no {NixCacheInfo.FileName}.",
                Url, "Check the address; a new file cache must be asked for.");
        }

        var info = bytes is null ? new NixCacheInfo(null, null, false) : NixCacheInfo.Parse(bytes, Url);
        var wanted = Parameters.StoreDirectory ?? Options.StoreDirectory;
        if (wanted is not null && info.StoreDirectory is not null && !wanted.Equals(info.StoreDirectory))
        {
            throw new NixStoreException("StoreDirectoryMismatch", StoreErrorKind.InvalidArgument,
                $"The binary cache '{Url}' is for stores at {info.StoreDirectory}, not at {wanted}.", Url,
                "Store paths of one store directory are of no use in another; choose another cache.");
        }

        _storeDirectory = info.StoreDirectory ?? wanted ?? StoreDirectory.Default;
        Priority = Parameters.Priority ?? info.Priority ?? NixCacheInfo.DefaultPriority;
        WantMassQuery = Parameters.WantMassQuery ?? info.WantMassQuery;
    }

    /// <summary>Refuses a name that leads out of the cache.</summary>
    private protected static string CheckedName(string relative) => NarUrl.Objection(relative) is { } objection
        ? throw new NixStoreException("InvalidBinaryCacheFile", StoreErrorKind.InvalidArgument,
            $"'{relative}' cannot be a file in a binary cache: {objection}.", relative)
        : relative;

    private protected NixStoreException Missing(string relative, Exception? inner = null) => new(
        "BinaryCacheFileMissing", StoreErrorKind.NotFound, $"The binary cache '{Url}' has no file '{relative}'.", $"{Url}/{relative}",
        "Its narinfo may outlive it; take the path from another source.", inner);

    private protected NixStoreException TooLarge(string relative, int limit) => new(
        "BinaryCacheFileTooLarge", StoreErrorKind.InvalidData, $"'{Url}/{relative}' is larger than the {limit} bytes it may have.", $"{Url}/{relative}");

    // A narinfo that answers with another path is how somebody would slip in a different program.
    private NixStoreException Mismatch(string hashPart, StorePath actual, string asked) => new(
        "NarInfoMismatch", StoreErrorKind.Security, $"'{Url}/{NarInfoName(hashPart)}' is about '{actual}', not about '{asked}'.",
        $"{Url}/{NarInfoName(hashPart)}", "Do not trust this cache before its owner has explained it.");
}
