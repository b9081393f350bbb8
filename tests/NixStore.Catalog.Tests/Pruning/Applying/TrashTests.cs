using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Trash;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Pruning.Applying;

/// <summary>The trash says what is in it whatever has happened, and what was cleared stays away.</summary>
[Collection(NixLabCollection.Name)]
public sealed class TrashTests(NixLab lab, S3Server server)
{
    private const int Count = 20;

    private static readonly ObjectAccess s_impatient = new() { ThrottleLimit = 8, MaximumAttempts = 2, RetryDelay = TimeSpan.FromMilliseconds(2), MaximumRetryDelay = TimeSpan.FromMilliseconds(5) };

    [SkippableTheory]
    [InlineData(BinaryCachePruneMode.Trash)]
    [InlineData(BinaryCachePruneMode.Delete)]
    public async Task An_older_version_does_not_come_to_life_when_the_trash_is_cleared(BinaryCachePruneMode mode)
    {
        using var cache = SyntheticPlan.NewCache(lab, server, "versions");

        // Two builders have uploaded one path.
        cache.Put(SyntheticPlan.HashPart(3) + ".narinfo", "an older narinfo");
        var plan = SyntheticPlan.Make(cache, Count);
        PrunedCache.Apply(plan, PrunedCache.AtOnce(mode));
        using var trash = CacheTrash.Open(cache.Url);
        await trash.Clear(plan.Summary.Id, null, [], false, new PruneProgress());
        Assert.Equal(["kept.txt", "nix-cache-info"], cache.Objects().Keys.Order());
        Assert.Empty(trash.PlanIds());

        // Of the rest there is nothing left, and no marker without a version below it.
        using var bucket = (S3Objects)ObjectControls.Open(cache.Url);
        var left = S3Versions.List(bucket, "", null, default).Where(version => version.Key.Contains(SyntheticPlan.HashPart(3), StringComparison.Ordinal) || version.Key.StartsWith("nar/", StringComparison.Ordinal)).ToList();
        Assert.Equal([true, false], left.Select(version => version.IsDeleteMarker == true));
    }

    [SkippableFact]
    public async Task A_clearing_that_ends_between_versions_and_markers_is_continued()
    {
        using var cache = SyntheticPlan.NewCache(lab, server, "versions");
        cache.Put(SyntheticPlan.HashPart(3) + ".narinfo", "an older narinfo");
        var plan = SyntheticPlan.Make(cache, Count);
        PrunedCache.Apply(plan, PrunedCache.AtOnce());
        var deletions = 0;
        using (var proxy = new FaultyProxy(server.Endpoint, (method, path) => method == "POST" && path.Contains("delete", StringComparison.Ordinal) && ++deletions > 1 ? Fault.CutBefore : Fault.None))
        using (var cut = CacheTrash.Open(cache.Url.Replace(server.Endpoint, proxy.Url, StringComparison.Ordinal), access: s_impatient))
        {
            await Assert.ThrowsAnyAsync<NixStoreException>(() => cut.Clear(plan.Summary.Id, null, [], false, new PruneProgress()));
        }

        Assert.Equal(["kept.txt", "nix-cache-info"], cache.Objects().Keys.Order());
        using var trash = CacheTrash.Open(cache.Url);
        Assert.Equal(3 * Count, (await trash.Clear(plan.Summary.Id, null, [], false, new PruneProgress())).ObjectCount);
        Assert.Equal(["kept.txt", "nix-cache-info"], cache.Objects().Keys.Order());
        Assert.Empty(trash.PlanIds());
    }
}
