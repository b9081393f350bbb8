using System.Text;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Narinfo;

namespace NixStore.Caches.Examination;

/// <summary>Whether a narinfo can be read, is about what its name says, and is signed as it should be.</summary>
internal sealed class NarInfoCheck(BinaryCache cache, BinaryCacheExaminationOptions options, CacheReport report)
{
    private const string CopyAgain = "Copy the path to the cache again, or remove the narinfo.";

    private readonly StorePathFactory _factory = new(cache.StoreDirectory);

    /// <summary>Reads it; null when there is none, or none that is of use, which is reported.</summary>
    /// <param name="hashPart">Of which path.</param>
    /// <param name="isMissing">There is no such narinfo.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public NarInfo? Read(string hashPart, out bool isMissing, CancellationToken cancellation)
    {
        var name = BinaryCache.NarInfoName(hashPart);
        isMissing = false;
        try
        {
            var narInfo = cache.TryGetNarInfo(hashPart, cancellation);
            isMissing = narInfo is null;
            if (narInfo is not null)
            {
                CheckTrust(narInfo, name);
            }

            return narInfo;
        }
        catch (NarInfoCorruptException e)
        {
            var kind = IsForeign(name, cancellation) ? BinaryCacheFindingKind.ForeignStoreDirectory : BinaryCacheFindingKind.NarInfoCorrupt;
            report.OfFile(kind, StoreFindingSeverity.Error, name, e.Line > 0 ? $"{e.Reason} at line {e.Line}" : e.Reason, CopyAgain);
        }
        catch (NixStoreException e) when (e.ErrorId == "NarInfoMismatch")
        {
            report.OfFile(BinaryCacheFindingKind.NarInfoMismatch, StoreFindingSeverity.Error, name, e.Message, e.Remedy);
        }
        catch (NixStoreException e)
        {
            report.Failure(name, e);
        }

        return null;
    }

    private void CheckTrust(NarInfo narInfo, string name)
    {
        var info = narInfo.Info;
        foreach (var malformed in narInfo.MalformedSignatures)
        {
            report.OfPath(BinaryCacheFindingKind.SignatureMalformed, StoreFindingSeverity.Warning, name, info.Path,
                $"'{(malformed.Length <= 100 ? malformed : malformed[..100] + "…")}' is no signature", "Sign the path again.");
        }

        foreach (var signature in info.Signatures)
        {
            var claimed = options.KnownKeys.Keys.Concat(options.RequiredKeys?.Keys ?? []).Any(key => key.Name == signature.KeyName);
            if (claimed && !IsBy(info with { Signatures = [signature] }))
            {
                report.OfPath(BinaryCacheFindingKind.SignatureInvalid, StoreFindingSeverity.Error, name, info.Path,
                    $"the signature by {signature.KeyName} does not fit", "Somebody has changed the narinfo or made the signature up: do not trust it.");
            }
        }

        var isProven = info.ContentAddress is not null && _factory.Proves(info.Path, info.ContentAddress, info.References);
        if (info.ContentAddress is not null && !isProven)
        {
            report.OfPath(BinaryCacheFindingKind.ContentAddressMismatch, StoreFindingSeverity.Error, name, info.Path,
                $"the content address {info.ContentAddress} gives another path", CopyAgain);
        }

        if (options.RequiredKeys is { } required && !isProven && !required.Verifies(info, cache.StoreDirectory, out _))
        {
            report.OfPath(BinaryCacheFindingKind.SignatureMissing, StoreFindingSeverity.Warning, name, info.Path,
                "no key that was given has signed it", "Sign the path, or give the key that has signed it.");
        }
    }

    private bool IsBy(ValidPathInfo info)
        => options.KnownKeys.Verifies(info, cache.StoreDirectory, out _) || options.RequiredKeys?.Verifies(info, cache.StoreDirectory, out _) == true;

    // A narinfo for another store directory is whole; it is only in the wrong cache.
    private bool IsForeign(string name, CancellationToken cancellation)
    {
        try
        {
            var bytes = cache.TryReadFile(name, NarInfoReader.MaximumFileSize, cancellation) ?? [];
            var line = Encoding.UTF8.GetString(bytes).Split('\n').FirstOrDefault(line => line.StartsWith("StorePath: /", StringComparison.Ordinal));
            var path = line?["StorePath: ".Length..].TrimEnd('\r');
            return path is not null && !path.StartsWith(cache.StoreDirectory.Path + "/", StringComparison.Ordinal)
                && StorePath.TryParse(path[(path.LastIndexOf('/') + 1)..], out _);
        }
        catch (NixStoreException)
        {
            return false;
        }
    }
}
