using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Plans;
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
        using (var proxy = new FaultyProxy(server.Endpoint, (method, path) => method == "POST" && path.Contains("delete", StringComparison.Ordinal) && Interlocked.Increment(ref deletions) > 1 ? Fault.CutBefore : Fault.None))
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

    [SkippableTheory]
    [InlineData("s3")]
    [InlineData("versions")]
    public async Task What_a_machine_has_taken_that_is_lost_comes_back(string kind)
    {
        using var cache = SyntheticPlan.NewCache(lab, server, kind);
        var plan = SyntheticPlan.Make(cache, Count);

        // Nothing is written into the trash any more once a batch was deleted: the third deletion, after two by which it is found out what the server can do.
        var deletions = 0;
        using (var proxy = new FaultyProxy(server.Endpoint, (method, path) =>
        {
            var count = method == "POST" && path.Contains("delete", StringComparison.Ordinal) ? Interlocked.Increment(ref deletions) : Volatile.Read(ref deletions);
            return count > 2 && method == "PUT" && path.Contains("/taken/", StringComparison.Ordinal) ? Fault.CutBefore : Fault.None;
        }))
        {
            var options = PrunedCache.AtOnce() with { Cache = cache.Url.Replace(server.Endpoint, proxy.Url, StringComparison.Ordinal), Access = s_impatient };
            Assert.Equal(StoreErrorKind.Connection, Assert.Throws<NixStoreException>(() => PrunedCache.Apply(plan, options)).Kind);
        }

        Assert.True(cache.Objects().Count < (3 * Count) + 2);
        Directory.Delete(plan.Directory, recursive: true);
        using var trash = CacheTrash.Open(cache.Url);
        Assert.NotEmpty(trash.Paths(plan.Summary.Id, [], []));
        var restored = await trash.Restore(plan.Summary.Id, null, null, new PruneProgress());
        Assert.Empty(restored.Lost);
        Assert.Equal(SyntheticPlan.Contents(plan), cache.Objects().Where(item => item.Key is not ("kept.txt" or "nix-cache-info")).ToDictionary());
    }

    [SkippableFact]
    public async Task What_came_back_and_is_taken_again_is_in_the_trash_again()
    {
        using var cache = SyntheticPlan.NewCache(lab, server, "versions");
        var plan = SyntheticPlan.Make(cache, Count);
        var isBack = false;
        using var proxy = new FaultyProxy(server.Endpoint, (method, path) => !isBack && method == "POST" && path.Contains("delete", StringComparison.Ordinal) ? Fault.PartialErrors : Fault.None) { Delete = server.Delete };
        var options = PrunedCache.AtOnce() with { Cache = cache.Url.Replace(server.Endpoint, proxy.Url, StringComparison.Ordinal), CanaryPercent = 0, Access = s_impatient };
        Assert.Contains(PrunedCache.Apply(plan, options)[^1].Exceptions, exception => exception.Kind == PruneExceptionKind.Failed);
        Assert.True(cache.Objects().Count < (3 * Count) + 2);
        isBack = true;
        using var trash = CacheTrash.Open(cache.Url);
        await trash.Restore(plan.Summary.Id, null, null, new PruneProgress());
        Assert.Equal((3 * Count) + 2, cache.Objects().Count);

        Assert.True(PrunedCache.Apply(plan, options)[^1].IsFinished);
        Assert.Equal((3 * Count) + 2, cache.Objects().Count + (await trash.Summarize(plan.Summary.Id)).ObjectCount);
        await trash.Restore(plan.Summary.Id, null, null, new PruneProgress());
        Assert.Equal(SyntheticPlan.Contents(plan), cache.Objects().Where(item => item.Key is not ("kept.txt" or "nix-cache-info")).ToDictionary());
    }

    [SkippableFact]
    public async Task A_copy_of_a_plan_without_its_journal_is_refused()
    {
        using var cache = SyntheticPlan.NewCache(lab, server, "file");
        var plan = SyntheticPlan.Make(cache, Count);
        var copy = Folders.Copy(plan.Directory, cache.InFolder("copy.plan"));
        PrunedCache.Apply(plan, new PruneOptions());
        using var trash = CacheTrash.Open(cache.Url);
        var before = await trash.Summarize(plan.Summary.Id);
        using (var run = PruneRun.Open(PrunePlan.Open(copy), new PruneOptions()))
        {
            Assert.Equal("PruneBegunElsewhere", Assert.Throws<NixStoreException>(() => run.Do(PruneStep.Reconcile)).ErrorId);
        }

        Assert.Equal(before, await trash.Summarize(plan.Summary.Id));
        Assert.Equal(["Reconcile"], PrunedCache.Apply(plan, new PruneOptions()).Select(result => result.Step));
    }

    [SkippableTheory]
    [InlineData("file")]
    [InlineData("versions")]
    public async Task A_path_comes_back_with_what_a_later_plan_has_taken(string kind)
    {
        using var cache = new PrunedCache(lab, server, kind);
        cache.Fill();
        var objects = cache.Objects();
        var first = cache.Plan("first.plan", request => request with { Names = ["nixos-disk-image-2"] });
        PrunedCache.Apply(first, PrunedCache.AtOnce());
        var second = cache.Plan("second.plan", request => request with { Names = ["nixos-disk-image-1", "only-for-image"] });
        PrunedCache.Apply(second, PrunedCache.AtOnce());
        using var trash = CacheTrash.Open(cache.Url);
        var restored = await trash.Restore(first.Summary.Id, [cache.HashOf("nixos-disk-image-2")], null, new PruneProgress());
        Assert.Empty(restored.Lost);
        Assert.Empty(cache.Holes());
        cache.Realise("nixos-disk-image-2");
        Assert.Equal(objects.OrderBy(item => item.Key), cache.Objects().OrderBy(item => item.Key));
        Assert.Empty(trash.Paths(second.Summary.Id, [], []));
    }

    [SkippableFact]
    public async Task What_is_found_nowhere_is_told()
    {
        using var cache = new PrunedCache(lab, server, "file");
        cache.Fill();
        var first = cache.Plan("first.plan", request => request with { Names = ["nixos-disk-image-2"] });
        PrunedCache.Apply(first, PrunedCache.AtOnce());
        var second = cache.Plan("second.plan", request => request with { Names = ["nixos-disk-image-1", "only-for-image"] });
        PrunedCache.Apply(second, PrunedCache.AtOnce(BinaryCachePruneMode.Delete));
        using var trash = CacheTrash.Open(cache.Url);
        var (image, needed) = (cache.HashOf("nixos-disk-image-2"), cache.HashOf("nixos-disk-image-1"));
        Assert.Equal([needed + ".narinfo"], (await trash.Restore(first.Summary.Id, [image], null, new PruneProgress())).Lost);

        // A narinfo whose NAR is nowhere does not come back.
        var third = cache.Plan("third.plan", request => request with { Names = ["nixos-disk-image-2"] });
        PrunedCache.Apply(third, PrunedCache.AtOnce());
        var nar = third.ReadObjects(2).Single().Key;
        File.Delete(Path.Combine(cache.Url["file://".Length..], "nixstore-trash", third.Summary.Id, "objects", nar));
        var lost = await trash.Restore(third.Summary.Id, null, null, new PruneProgress());
        Assert.Equal(new[] { nar, image + ".narinfo", needed + ".narinfo" }.Order(StringComparer.Ordinal), lost.Lost);
        Assert.Equal(3, lost.LostCount);
        Assert.DoesNotContain(image + ".narinfo", cache.Objects().Keys);
    }

    [SkippableFact]
    public async Task Only_the_paths_that_are_named_are_cleared()
    {
        using var cache = new PrunedCache(lab, server, "file");
        cache.Fill();
        var copy = PrunedCache.BuildUpload(lab, "copy");
        cache.Copy(copy);
        var plan = cache.Plan(change: request => request with { Names = ["nixos-disk-image*", "only-for-image", "copy-of-image"] });
        PrunedCache.Apply(plan, PrunedCache.AtOnce());
        using var trash = CacheTrash.Open(cache.Url);
        await trash.Clear(plan.Summary.Id, null, [], false, new PruneProgress(), [cache.HashOf("nixos-disk-image-1"), cache.HashOf("nixos-disk-image-2")]);
        Assert.Equal(["copy-of-image", "nixos-disk-image-twin", "only-for-image"], trash.Paths(plan.Summary.Id, [], []).Select(item => item.Name).Order(StringComparer.Ordinal));

        // The NAR of one of them is that of a path which was not named.
        var restored = await trash.Restore(plan.Summary.Id, null, null, new PruneProgress());
        Assert.Empty(restored.Lost);
        Assert.Empty(cache.Holes());
        Assert.Contains(lab.StoreDirectory.Parse(copy).HashPart + ".narinfo", cache.Objects().Keys);
    }

    [SkippableFact]
    public async Task A_bucket_whose_older_versions_go_too_soon_is_refused()
    {
        using var cache = SyntheticPlan.NewCache(lab, server, "versions");
        server.ExpireVersions(cache.Bucket, 30);
        var plan = SyntheticPlan.Make(cache, Count);
        Assert.Equal("PruneVersionsExpire", Assert.Throws<NixStoreException>(() => PrunedCache.Apply(plan, new PruneOptions())).ErrorId);
        Assert.Equal((3 * Count) + 2, cache.Objects().Count);
        using var trash = CacheTrash.Open(cache.Url);
        Assert.Empty(trash.PlanIds());

        // Of other objects they may go; and what is kept long enough says how long.
        server.ExpireVersions(cache.Bucket, 1, "nixstore-trash/");
        PrunedCache.Apply(plan, new PruneOptions());
        Assert.Null((await trash.Summarize(plan.Summary.Id)).RestorableUntil);
        server.ExpireVersions(cache.Bucket, 30);
        var clock = new ShiftedClock { Shift = TimeSpan.FromDays(31) };
        Assert.Equal("PruneVersionsExpire", Assert.Throws<NixStoreException>(() => PrunedCache.Apply(plan, new PruneOptions(), clock)).ErrorId);
        Assert.Contains("nar/0.nar", cache.Objects().Keys);
        server.ExpireVersions(cache.Bucket, 40);
        Assert.Equal("Nars", PrunedCache.Apply(plan, new PruneOptions(), clock)[^1].Step);
    }

    [SkippableFact]
    public async Task The_trash_says_how_long_a_bucket_keeps_older_versions()
    {
        using var cache = SyntheticPlan.NewCache(lab, server, "versions");
        server.ExpireVersions(cache.Bucket, 60);
        var plan = SyntheticPlan.Make(cache, Count);
        PrunedCache.Apply(plan, new PruneOptions());
        using var trash = CacheTrash.Open(cache.Url);
        var summary = await trash.Summarize(plan.Summary.Id);
        Assert.Equal(summary.OldestTime!.Value.AddDays(60), summary.RestorableUntil);
    }

    [SkippableFact]
    public async Task A_bucket_that_keeps_no_versions_any_more_is_refused_and_what_it_has_comes_back()
    {
        using var cache = SyntheticPlan.NewCache(lab, server, "versions");
        cache.Put(SyntheticPlan.HashPart(3) + ".narinfo", "an older narinfo");
        var plan = SyntheticPlan.Make(cache, Count);
        PrunedCache.Apply(plan, new PruneOptions());
        server.KeepVersions(cache.Bucket, isEnabled: false);
        Assert.Equal("PruneVersioningSuspended", Assert.Throws<NixStoreException>(() => PrunedCache.Apply(plan, PrunedCache.AtOnce())).ErrorId);
        Assert.Contains("nar/0.nar", cache.Objects().Keys);
        using var trash = CacheTrash.Open(cache.Url);
        Assert.Empty((await trash.Restore(plan.Summary.Id, [SyntheticPlan.HashPart(1)], null, new PruneProgress())).Lost);
        await trash.Clear(plan.Summary.Id, null, [], evenUnsettled: true, new PruneProgress());
        Assert.Equal([SyntheticPlan.HashPart(1) + ".ls", SyntheticPlan.HashPart(1) + ".narinfo"], cache.Objects().Keys.Where(key => key.Contains(SyntheticPlan.HashPart(1), StringComparison.Ordinal) || key.Contains(SyntheticPlan.HashPart(3), StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }
}
