using System.Text;
using System.Text.Json;
using NixStore.Caches.BinaryCaches;

namespace NixStore.Caches.Examination;

/// <summary>Files that describe or serve paths which are not there.</summary>
internal sealed class LeftoverCheck(BinaryCache cache, BinaryCacheExaminationOptions options, CacheReport report, CacheFiles files)
{
    private const int MaximumSize = 1 << 20;

    private const string Remove = "Remove the file.";

    private static readonly string[] s_logSuffixes = [".bz2", ".xz", ".zst", ".br", ".gz"];

    private readonly DateTimeOffset _young = DateTimeOffset.UtcNow - options.UploadTime;

    /// <summary>Checks all of them.</summary>
    /// <param name="nars">Which NARs narinfos name.</param>
    /// <param name="derivations">Base names of the derivations that paths come from.</param>
    /// <param name="isWhole">False when a narinfo could not be read: the NAR it names is then not known.</param>
    /// <param name="cancellation">Stops.</param>
    public void Check(IReadOnlySet<string> nars, IReadOnlySet<string> derivations, bool isWhole, CancellationToken cancellation)
    {
        foreach (var file in files.Nars.Values.Where(file => !nars.Contains(file.Name)))
        {
            var maybe = isWhole ? "" : "; a narinfo that cannot be read may do so";
            Leftover(BinaryCacheFindingKind.NarUnreferenced, file, $"no narinfo names it{maybe}",
                isWhole ? Remove : "Mend the narinfos first.");
        }

        foreach (var file in files.Listings.Where(file => !files.NarInfos.Contains(file.Name[..StorePath.HashPartLength])))
        {
            Leftover(BinaryCacheFindingKind.ListingUnreferenced, file, "there is no narinfo of its path", Remove);
        }

        foreach (var file in files.Logs.Where(file => !derivations.Contains(DerivationOf(file.Name))))
        {
            // Logs are kept for people, long after the paths have gone.
            report.OfFile(BinaryCacheFindingKind.LogUnreferenced, StoreFindingSeverity.Information, file.Name, "no path here comes from its derivation", null, file.Size);
        }

        foreach (var file in files.TemporaryFiles)
        {
            Leftover(BinaryCacheFindingKind.TemporaryFile, file, "an upload was interrupted", Remove);
        }

        foreach (var file in files.Unknown)
        {
            report.OfFile(BinaryCacheFindingKind.UnknownFile, StoreFindingSeverity.Information, file.Name, "it is no part of a binary cache", null, file.Size);
        }

        SideBySide.Run(Described(), options.Workers, (item, stop) => CheckDescribed(item.Kind, item.File, stop), cancellation);
    }

    private IEnumerable<(BinaryCacheFindingKind Kind, BinaryCacheFile File)> Described()
        => files.DebugInfos.Select(file => (BinaryCacheFindingKind.DebugInfoDangling, file))
            .Concat(files.Realisations.Select(file => (BinaryCacheFindingKind.RealisationDangling, file)))
            .Concat(files.BuildTraces.Select(file => (BinaryCacheFindingKind.BuildTraceDangling, file)));

    private void CheckDescribed(BinaryCacheFindingKind kind, BinaryCacheFile file, CancellationToken cancellation)
    {
        try
        {
            if (cache.TryReadFile(file.Name, MaximumSize, cancellation) is { } bytes && ObjectionTo(kind, bytes) is { } objection)
            {
                Leftover(kind, file, objection, Remove);
            }
        }
        catch (NixStoreException e)
        {
            report.Failure(file.Name, e);
        }
    }

    private string? ObjectionTo(BinaryCacheFindingKind kind, byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (kind == BinaryCacheFindingKind.DebugInfoDangling)
            {
                var archive = root.GetProperty("archive").GetString() ?? "";
                return archive.StartsWith("../", StringComparison.Ordinal) && files.Nars.ContainsKey(archive[3..]) ? null : $"its NAR '{archive}' is not there";
            }

            var value = root.TryGetProperty("value", out var inner) ? inner : root;
            var path = value.GetProperty("outPath").GetString() ?? "";
            var baseName = path[(path.LastIndexOf('/') + 1)..];
            return StorePath.TryParse(baseName, out var parsed) && files.NarInfos.Contains(parsed.HashPart) ? null : $"its path '{path}' is not there";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or DecoderFallbackException)
        {
            return $"it cannot be read: {e.Message}";
        }
    }

    private void Leftover(BinaryCacheFindingKind kind, BinaryCacheFile file, string detail, string remedy)
    {
        // NARs come before narinfos, and realisations may come before either.
        var isYoung = file.LastModified > _young;
        report.OfFile(kind, isYoung ? StoreFindingSeverity.Information : StoreFindingSeverity.Warning, file.Name,
            isYoung ? $"{detail}, yet; it is new and may belong to an upload that goes on" : detail, isYoung ? null : remedy, file.Size);
    }

    private static string DerivationOf(string name)
    {
        var derivation = name["log/".Length..];
        var suffix = Array.Find(s_logSuffixes, suffix => derivation.EndsWith(".drv" + suffix, StringComparison.Ordinal));
        return suffix is null ? derivation : derivation[..^suffix.Length];
    }
}
