using NixStore.Caches.BinaryCaches;
using NixStore.Caches.S3;
using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Plans;

namespace NixStore.Catalog.Pruning.Applying;

/// <summary>What must hold before anything of a plan is applied.</summary>
internal static class PruneChecks
{
    /// <summary>Refuses what is no cache.</summary>
    /// <exception cref="NixStoreException">NotABinaryCache; errors of reading.</exception>
    internal static void EnsureCache(IObjectControl cache, CancellationToken cancellation)
    {
        if (cache.Files.TryReadFile(NixCacheInfo.FileName, NixCacheInfo.MaximumFileSize, cancellation) is null)
        {
            throw new NixStoreException("NotABinaryCache", StoreErrorKind.NotFound, $"'{cache.Address}' is no binary cache: it has no {NixCacheInfo.FileName}.", cache.Address, "Check the address.");
        }
    }

    /// <summary>Refuses a large plan that nobody has approved.</summary>
    /// <exception cref="NixStoreException">PlanNotApproved</exception>
    internal static void EnsureApproved(PrunePlan plan)
    {
        if (plan.Summary is { NeedsApproval: true, IsApproved: false })
        {
            throw new NixStoreException("PlanNotApproved", StoreErrorKind.PermissionDenied,
                $"The plan {plan.Summary.Id} removes {plan.Summary.PathCount:N0} paths and {ByteSize.Format(plan.Summary.ObjectSize)}: somebody has to approve it first.", plan.Directory,
                "Look at its classes and their outliers, prove it by Test-BinaryCachePrunePlan, then Approve-BinaryCachePrunePlan.");
        }
    }

    /// <summary>Refuses to go on with a plan otherwise than it was begun.</summary>
    /// <exception cref="NixStoreException">PruneModeDiffers, PruneCacheDiffers</exception>
    internal static void EnsureSame(PrunePlan plan, RunBegun? begun, PruneOptions options)
    {
        if (begun is not null && (options.Cache ?? plan.Summary.Cache) is { } address && PlaceOf(address) != PlaceOf(begun.Cache))
        {
            throw new NixStoreException("PruneCacheDiffers", StoreErrorKind.InvalidArgument,
                $"The plan '{plan.Summary.Id}' was begun at '{begun.Cache}', and cannot go on at '{address}': what has gone from there may be here.", plan.Directory,
                $"Give -BinaryCache '{begun.Cache}'. For a copy of the cache make a plan of its own.");
        }

        if (begun is not null && (begun.Mode != options.Mode || begun.TrashUrl != options.TrashUrl || begun.Digest != plan.Summary.Digest))
        {
            throw new NixStoreException("PruneModeDiffers", StoreErrorKind.InvalidArgument,
                $"The plan '{plan.Summary.Id}' was begun with -Mode {begun.Mode}{(begun.TrashUrl is { } url ? $" -TrashUrl {url}" : "")}, and cannot go on otherwise.", plan.Directory,
                "Give the same again.");
        }
    }

    /// <summary>Refuses a list for S3 Batch Operations of what is not to be tagged.</summary>
    /// <exception cref="NixStoreException">PruneModeNotSupported</exception>
    internal static void EnsureTags(PruneOptions options)
    {
        if (options is { BatchManifest: { } folder, Mode: not BinaryCachePruneMode.Tag })
        {
            throw new NixStoreException("PruneModeNotSupported", StoreErrorKind.NotSupported, "S3 Batch Operations deletes nothing: it can only tag objects for the bucket's lifecycle.", folder, "Use -BatchManifest with -Mode Tag.");
        }
    }

    /// <summary>Refuses tags where what goes by them cannot come back, unless that is meant.</summary>
    /// <exception cref="NixStoreException">PruneWithoutReturn; errors of the server.</exception>
    internal static async Task EnsureReturn(IObjectControl cache, PruneOptions options)
    {
        if (options is { Mode: BinaryCachePruneMode.Tag, Force: false } && cache is S3Objects bucket && !await bucket.KeepsVersions.ConfigureAwait(false))
        {
            throw new NixStoreException("PruneWithoutReturn", StoreErrorKind.InvalidArgument,
                $"'{cache.Address}' keeps no versions: what its lifecycle takes is gone for good, also when an upload needs it a moment later.", cache.Address,
                "Use -Mode Trash, let the bucket keep versions, or give -Force.");
        }
    }

    /// <summary>What tells a cache from others, however the rest of its address is written.</summary>
    private static (string Server, string Place, string Prefix) PlaceOf(string address)
    {
        var url = BinaryCacheUrl.Parse(address);
        if (url.Scheme != "s3")
        {
            return ("", url.Place, "");
        }

        var location = S3Location.Of(url);
        return (location.Parameters.Endpoint is null ? "" : location.ServiceUrl, location.Bucket, location.Prefix);
    }
}
