using System.Collections.Concurrent;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Narinfo;
using NixStore.Engine.Archive;

namespace NixStore.Caches.Examination;

/// <summary>Whether the file that a narinfo names is there and what the narinfo says.</summary>
/// <param name="cache">The cache.</param>
/// <param name="options">What to look at.</param>
/// <param name="report">Where findings go.</param>
/// <param name="progress">Counts what is read.</param>
/// <param name="sizeOf">The size of a file in the cache; null when there is none.</param>
internal sealed class NarCheck(
    BinaryCache cache, BinaryCacheExaminationOptions options, CacheReport report, BinaryCacheExaminationProgress progress,
    Func<string, CancellationToken, long?> sizeOf)
{
    private const string CopyAgain = "Copy the path to the cache again, or remove its narinfo.";

    // Several narinfos may name one file, which is read once if they agree about it.
    private readonly ConcurrentDictionary<(string Url, string Nar), bool> _read = new();

    /// <summary>Checks it.</summary>
    /// <param name="narInfo">The narinfo.</param>
    /// <param name="cancellation">Stops.</param>
    public void Check(NarInfo narInfo, CancellationToken cancellation)
    {
        var path = narInfo.Path;
        try
        {
            if (narInfo.HasAbsoluteUrl)
            {
                report.OfPath(BinaryCacheFindingKind.NarElsewhere, StoreFindingSeverity.Information, narInfo.Url, path, "the NAR is on another server");
            }

            var size = sizeOf(narInfo.Url, cancellation);
            if (size is null)
            {
                report.OfPath(BinaryCacheFindingKind.NarMissing, StoreFindingSeverity.Error, narInfo.Url, path,
                    "the file with the contents is not there", CopyAgain);
            }
            else if (narInfo.FileSize is { } expected && size != expected)
            {
                report.OfPath(BinaryCacheFindingKind.NarSizeMismatch, StoreFindingSeverity.Error, narInfo.Url, path,
                    $"the file has {size} bytes; its narinfo says {expected}", CopyAgain);
            }
            else if (options.CheckContents && _read.TryAdd((narInfo.Url, $"{narInfo.Info.NarHash} {narInfo.Info.NarSize} {narInfo.Compression} {narInfo.FileHash}"), true))
            {
                CheckContents(narInfo, cancellation);
            }
        }
        catch (NixStoreException e)
        {
            report.Failure(narInfo.Url, e);
        }
    }

    private void CheckContents(NarInfo narInfo, CancellationToken cancellation)
    {
        try
        {
            using var nar = cache.OpenNar(narInfo, cancellation);
            using var hash = new HashSink();
            using var reader = new NarReader(nar, NarLimits.Nix, hash, leaveOpen: true);
            var listing = NarListing.Read(reader, cancellation: cancellation);
            progress.AddBytes(narInfo.Info.NarSize);
            var actual = hash.Finish().Hash;
            if (!actual.Equals(narInfo.Info.NarHash))
            {
                Damaged(narInfo, $"the NAR has the hash {actual}; its narinfo says {narInfo.Info.NarHash}");
            }
            else
            {
                CheckListing(narInfo, listing, cancellation);
            }
        }
        catch (NixStoreException e) when (e.ErrorId is "CompressionNotSupported" or "CodecNotAvailable")
        {
            report.OfPath(BinaryCacheFindingKind.NarNotChecked, StoreFindingSeverity.Warning, narInfo.Url, narInfo.Path, e.Message, e.Remedy);
        }
        catch (NixStoreException e) when (e.Kind is StoreErrorKind.InvalidData && e.ErrorId is not "BinaryCacheFileChanged")
        {
            Damaged(narInfo, e.Message);
        }
    }

    // A listing is made from the NAR, and by it debuggers and web servers find their way.
    private void CheckListing(NarInfo narInfo, NarListing expected, CancellationToken cancellation)
    {
        var name = $"{narInfo.Path.HashPart}.ls";
        if (cache.TryReadFile(name, NarInfoReader.MaximumFileSize * 8, cancellation) is not { } bytes)
        {
            return;
        }

        try
        {
            if (!NarListingWriter.Write(NarListingReader.Read(bytes)).AsSpan().SequenceEqual(NarListingWriter.Write(expected)))
            {
                Wrong("it is not that of the NAR");
            }
        }
        catch (NixStoreException e)
        {
            Wrong(e.Message);
        }

        void Wrong(string detail) => report.OfPath(
            BinaryCacheFindingKind.ListingDamaged, StoreFindingSeverity.Warning, name, narInfo.Path, detail, "Remove the listing: nothing needs it to substitute.");
    }

    private void Damaged(NarInfo narInfo, string detail) => report.OfPath(
        BinaryCacheFindingKind.NarDamaged, StoreFindingSeverity.Error, narInfo.Url, narInfo.Path, detail, CopyAgain);
}
