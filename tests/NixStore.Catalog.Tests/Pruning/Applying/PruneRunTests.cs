using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Certificates;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Pruning.Trash;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Tests.Pruning.Applying;

/// <summary>Plans are applied to caches that real Nix has filled, and taken back.</summary>
[Collection(NixLabCollection.Name)]
public sealed class PruneRunTests(NixLab lab, S3Server server)
{
    [SkippableTheory]
    [Trait("Category", "Soak")]
    [InlineData("file", BinaryCachePruneMode.Trash)]
    [InlineData("s3", BinaryCachePruneMode.Delete)]
    [InlineData("versions", BinaryCachePruneMode.Delete)]
    public Task What_the_plan_says_goes_and_the_rest_works_there_too(string kind, BinaryCachePruneMode mode) => What_the_plan_says_goes_and_the_rest_works(kind, mode);

    [SkippableTheory]
    [InlineData("file", BinaryCachePruneMode.Delete)]
    [InlineData("s3", BinaryCachePruneMode.Trash)]
    [InlineData("versions", BinaryCachePruneMode.Trash)]
    public async Task What_the_plan_says_goes_and_the_rest_works(string kind, BinaryCachePruneMode mode)
    {
        using var cache = new PrunedCache(lab, server, kind);
        cache.Fill();
        var before = cache.Objects();
        var plan = cache.Plan();
        Prove(cache, plan);
        var goes = plan.ReadObjects(1).Concat(plan.ReadObjects(2)).Select(item => item.Key).ToList();
        Assert.Contains(goes, key => key.StartsWith("log/", StringComparison.Ordinal));
        Assert.Equal(4, goes.Count(key => key.EndsWith(".ls", StringComparison.Ordinal)));

        var results = PrunedCache.Apply(plan, PrunedCache.AtOnce(mode));
        Assert.Equal(["Reconcile", "NarInfos", "Reconcile", "Nars", "Reconcile", "Settle"], results.Select(result => result.Step));
        Assert.True(results[^1].IsFinished);
        Assert.Empty(results.SelectMany(result => result.Exceptions));
        Assert.Equal(goes.Count, results.Where(result => result.Step is "NarInfos" or "Nars").Sum(result => result.ObjectCount));
        Assert.Equal(plan.Summary.ObjectSize, results.Where(result => result.Step is "NarInfos" or "Nars").Sum(result => result.ObjectSize));

        var after = cache.Objects();
        Assert.Equal(before.Where(item => !goes.Contains(item.Key)).OrderBy(item => item.Key), after.OrderBy(item => item.Key));
        Assert.Empty(cache.Holes());
        cache.Realise("app");
        cache.Realise("twin");

        // Once more does nothing.
        Assert.Empty(PrunedCache.Apply(plan, PrunedCache.AtOnce(mode)));
        Assert.Equal(after.OrderBy(item => item.Key), cache.Objects().OrderBy(item => item.Key));

        using var trash = CacheTrash.Open(cache.Url);
        Assert.Equal([plan.Summary.Id], trash.PlanIds());
        var summary = await trash.Summarize(plan.Summary.Id);
        Assert.NotNull(summary.SettledTime);
        if (mode == BinaryCachePruneMode.Delete)
        {
            Assert.Equal(0, summary.ObjectCount);
            Assert.Equal(0, (await trash.Restore(plan.Summary.Id, null, null, new PruneProgress())).ObjectCount);
            return;
        }

        Assert.Equal((plan.Summary.PathCount, goes.Count), (summary.PathCount, summary.ObjectCount));
        Assert.Equal(summary.PathCount, trash.Paths(plan.Summary.Id, [], []).Count());

        // A path comes back with its closure, and not more.
        var image = cache.HashOf("nixos-disk-image-2");
        var restored = await trash.Restore(plan.Summary.Id, [image], null, new PruneProgress());
        Assert.Equal(0, restored.LostCount);
        Assert.Empty(cache.Holes());
        cache.Realise("nixos-disk-image-2");
        Assert.Equal(["nixos-disk-image-twin"], trash.Paths(plan.Summary.Id, [], []).Select(item => item.Name));

        await trash.Restore(plan.Summary.Id, null, null, new PruneProgress());
        Assert.Equal(before.OrderBy(item => item.Key), cache.Objects().OrderBy(item => item.Key));
        Assert.Empty(trash.Paths(plan.Summary.Id, [], []));
        cache.Realise("nixos-disk-image-twin");
        Assert.Equal(0, (await trash.Restore(plan.Summary.Id, null, null, new PruneProgress())).ObjectCount);
    }

    [SkippableTheory]
    [Trait("Category", "Soak")]
    [InlineData("s3")]
    [InlineData("versions")]
    public void NARs_go_later_and_what_was_uploaded_meanwhile_keeps_what_it_needs_there_too(string kind) => NARs_go_later_and_what_was_uploaded_meanwhile_keeps_what_it_needs(kind);

    [SkippableTheory]
    [InlineData("file")]
    public void NARs_go_later_and_what_was_uploaded_meanwhile_keeps_what_it_needs(string kind)
    {
        using var cache = new PrunedCache(lab, server, kind);
        cache.Fill();
        var plan = cache.Plan();
        var clock = new ShiftedClock();
        var options = new PruneOptions { NarDelay = TimeSpan.FromDays(30), SettleDelay = TimeSpan.FromHours(1) };
        Assert.Equal(["Reconcile", "NarInfos"], PrunedCache.Apply(plan, options, clock).Select(result => result.Step));
        Assert.Equal(["Reconcile"], PrunedCache.Apply(plan, options, clock).Select(result => result.Step));

        // Uploads see the NARs, and write narinfos only. One of them refers to a pruned path.
        var upload = PrunedCache.BuildUpload(lab, "upload");
        cache.Copy(upload);
        var between = PrunedCache.Apply(plan, options, clock);
        Assert.Equal(["Reconcile"], between.Select(result => result.Step));
        Assert.Empty(cache.Holes());

        clock.Shift += TimeSpan.FromDays(31);
        var second = PrunedCache.Apply(plan, options, clock);
        Assert.Equal(["Reconcile", "Nars"], second.Select(result => result.Step));
        Assert.Empty(cache.Holes());
        clock.Shift += TimeSpan.FromHours(2);
        Assert.Equal(["Reconcile", "Settle"], PrunedCache.Apply(plan, options, clock).Select(result => result.Step));
        Assert.Empty(cache.Holes());
        cache.Realise("nixos-disk-image-1");
        Assert.DoesNotContain(cache.HashOf("nixos-disk-image-2") + ".narinfo", cache.Objects().Keys);
    }

    [SkippableTheory]
    [Trait("Category", "Soak")]
    [InlineData("file")]
    [InlineData("s3")]
    public void Late_uploads_bring_back_NARs_and_references_from_the_trash_there_too(string kind) => Late_uploads_bring_back_NARs_and_references_from_the_trash(kind);

    [SkippableTheory]
    [InlineData("versions")]
    public void Late_uploads_bring_back_NARs_and_references_from_the_trash(string kind)
    {
        using var cache = new PrunedCache(lab, server, kind);
        cache.Fill();
        var plan = cache.Plan();
        var objects = cache.Objects();

        // As uploads do that have looked just before: narinfos of what was taken, without what they need.
        var narInfos = new[] { "nixos-disk-image-1", "nixos-disk-image-2" }.ToDictionary(name => name, name => ReadNarInfo(cache, cache.HashOf(name)));
        var options = PrunedCache.AtOnce() with { SettleDelay = TimeSpan.FromHours(1) };
        Assert.Equal(["Reconcile", "NarInfos", "Reconcile", "Nars"], PrunedCache.Apply(plan, options).Select(result => result.Step));
        cache.Put(cache.HashOf("nixos-disk-image-2") + ".narinfo", narInfos["nixos-disk-image-2"]);
        Assert.NotEmpty(cache.Holes());

        var clock = new ShiftedClock { Shift = TimeSpan.FromHours(2) };
        var last = PrunedCache.Apply(plan, options, clock);
        Assert.Equal(["Reconcile", "Settle"], last.Select(result => result.Step));
        Assert.Empty(cache.Holes());
        Assert.Equal(3, last[0].Exceptions.Count(exception => exception.Kind == PruneExceptionKind.Resurrected));
        var now = cache.Objects();
        Assert.Equal(objects.Where(item => !IsOf(item.Key, "nixos-disk-image-twin")).OrderBy(item => item.Key), now.OrderBy(item => item.Key));

        bool IsOf(string key, string name) => key.StartsWith(cache.HashOf(name), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [Trait("Category", "Soak")]
    [InlineData("s3")]
    [InlineData("versions")]
    public void What_is_another_object_by_then_stays_and_is_told_there_too(string kind) => What_is_another_object_by_then_stays_and_is_told(kind);

    [SkippableTheory]
    [InlineData("file")]
    public void What_is_another_object_by_then_stays_and_is_told(string kind)
    {
        using var cache = new PrunedCache(lab, server, kind);
        cache.Fill();
        var plan = cache.Plan();
        var options = PrunedCache.AtOnce();
        using (var run = PruneRun.Open(plan, options))
        {
            run.Do(PruneStep.Reconcile);

            // Between the look and the act; a narinfo of the same path, written anew.
            Thread.Sleep(1100);
            cache.Put(cache.HashOf("nixos-disk-image-twin") + ".narinfo", ReadNarInfo(cache, cache.HashOf("nixos-disk-image-twin")));
            cache.Put(cache.HashOf("nixos-disk-image-1") + ".ls", "other contents");
            var taken = run.Do(PruneStep.NarInfos);
            Assert.Equal([PruneExceptionKind.Changed, PruneExceptionKind.Changed], taken.Exceptions.Select(exception => exception.Kind));
            Assert.Equal(plan.ReadObjects(1).Count() - 2, taken.ObjectCount);
        }

        PrunedCache.Apply(plan, options);
        Assert.Contains(cache.HashOf("nixos-disk-image-twin") + ".narinfo", cache.Objects().Keys);
        Assert.Empty(cache.Holes());
        cache.Realise("nixos-disk-image-twin");
    }

    [SkippableFact]
    public async Task A_bucket_of_its_own_can_be_the_trash()
    {
        using var cache = new PrunedCache(lab, server, "versions");
        cache.Fill();
        var (before, plan, other) = (cache.Objects(), cache.Plan(), server.Url(server.NewBucket()));
        PrunedCache.Apply(plan, PrunedCache.AtOnce() with { TrashUrl = other });
        Assert.Empty(cache.Holes());
        using (var none = CacheTrash.Open(cache.Url))
        {
            Assert.Empty(none.PlanIds());
        }

        using var trash = CacheTrash.Open(cache.Url, other);
        await trash.Restore(plan.Summary.Id, null, null, new PruneProgress());
        Assert.Equal(before.OrderBy(item => item.Key), cache.Objects().OrderBy(item => item.Key));
    }

    [SkippableTheory]
    [Trait("Category", "Soak")]
    [InlineData("file")]
    [InlineData("s3")]
    public Task Trash_is_cleared_by_age_but_not_what_was_asked_for_there_too(string kind) => Trash_is_cleared_by_age_but_not_what_was_asked_for(kind);

    [SkippableTheory]
    [InlineData("versions")]
    public async Task Trash_is_cleared_by_age_but_not_what_was_asked_for(string kind)
    {
        using var cache = new PrunedCache(lab, server, kind);
        cache.Fill();
        var plan = cache.Plan();
        var unsettled = PrunedCache.AtOnce() with { SettleDelay = TimeSpan.FromHours(1) };
        PrunedCache.Apply(plan, unsettled);
        using var trash = CacheTrash.Open(cache.Url);
        Assert.Equal("PlanNotSettled", (await Assert.ThrowsAsync<NixStoreException>(() => trash.Clear(plan.Summary.Id, null, [], false, new PruneProgress()))).ErrorId);
        PrunedCache.Apply(plan, unsettled, new ShiftedClock { Shift = TimeSpan.FromHours(2) });
        Assert.Equal(0, (await trash.Clear(plan.Summary.Id, DateTimeOffset.UtcNow.AddDays(-60), [], false, new PruneProgress())).ObjectCount);

        var log = cache.InFolder("access.log");
        var asked = cache.HashOf("nixos-disk-image-1");
        var nar = plan.ReadNarInfos().First(path => path.HashPart == asked).Url;
        File.WriteAllText(log, $"127.0.0.1 - - [{DateTimeOffset.UtcNow.AddMinutes(1):dd/MMM/yyyy:HH:mm:ss} +0000] \"GET /{asked}.narinfo HTTP/1.1\" 404 9\n127.0.0.1 - - [01/Jan/2020:00:00:00 +0000] \"GET /{cache.HashOf("nixos-disk-image-twin")}.narinfo HTTP/1.1\" 404 9\n");
        var missed = AccessLogMisses.Find([log], DateTimeOffset.UtcNow.AddDays(-1), error => throw error);
        Assert.Equal([asked], missed);
        Assert.Equal([asked], trash.FindAsked(plan.Summary.Id, missed));
        Assert.Equal([asked], trash.FindAsked(null, [nar]));
        await trash.Clear(plan.Summary.Id, DateTimeOffset.UtcNow.AddMinutes(1), [asked], false, new PruneProgress());

        // Nobody who does not get a path asks for what it refers to.
        Assert.Equal(["nixos-disk-image-1", "only-for-image"], trash.Paths(plan.Summary.Id, [], []).Select(item => item.Name).Order(StringComparer.Ordinal));
        Assert.Empty((await trash.Restore(plan.Summary.Id, [asked], null, new PruneProgress())).Lost);
        Assert.Empty(cache.Holes());
        cache.Realise("nixos-disk-image-1");

        await trash.Clear(plan.Summary.Id, null, [], false, new PruneProgress());
        Assert.Empty(trash.PlanIds());
        Assert.Empty(cache.Holes());
        cache.Realise("app");
    }

    /// <summary>What is applied here was proved before.</summary>
    private static void Prove(PrunedCache cache, PrunePlan plan)
        => Assert.All(new PruneCertificate(CacheCatalog.Open(cache.InFolder("one.plan.catalog")), plan).Run(), check => Assert.True(check.IsPassed, check.ToString()));

    [SkippableFact]
    public void A_large_plan_needs_an_approval_and_a_begun_one_keeps_its_mode()
    {
        using var cache = new PrunedCache(lab, server, "file");
        cache.Fill();
        var plan = cache.Plan(change: request => request with { ApprovalPaths = 1 });
        Assert.Equal("PlanNotApproved", Assert.Throws<NixStoreException>(() => PruneRun.Open(plan, new PruneOptions())).ErrorId);
        plan = PrunePlanApprovals.Approve(plan, "me", DateTimeOffset.UtcNow, null);
        using (var run = PruneRun.Open(plan, new PruneOptions()))
        {
            run.Do(PruneStep.Reconcile);
            Assert.Equal("PruneBusy", Assert.Throws<NixStoreException>(() => PruneRun.Open(plan, new PruneOptions())).ErrorId);
        }

        Assert.Equal("PruneModeDiffers", Assert.Throws<NixStoreException>(() => PruneRun.Open(plan, new PruneOptions { Mode = BinaryCachePruneMode.Delete })).ErrorId);
    }

    [SkippableTheory]
    [InlineData("file")]
    [InlineData("s3")]
    public void A_begun_plan_does_not_go_on_at_a_copy_of_the_cache(string kind)
    {
        using var cache = SyntheticPlan.NewCache(lab, server, kind);
        using var copy = SyntheticPlan.NewCache(lab, server, kind);
        var plan = SyntheticPlan.Make(cache, 5);
        var clock = new ShiftedClock();
        PrunedCache.Apply(plan, new PruneOptions(), clock);
        clock.Shift += TimeSpan.FromDays(31);
        Assert.Equal("PruneCacheDiffers", Assert.Throws<NixStoreException>(() => PrunedCache.Apply(plan, new PruneOptions { Cache = copy.Url }, clock)).ErrorId);
        Assert.Equal("PruneCacheDiffers", Assert.Throws<NixStoreException>(() => PruneRun.Preview(plan, new PruneOptions { Cache = copy.Url }, clock.GetUtcNow())).ErrorId);

        // The same place, written otherwise.
        var other = cache.Url + (kind == "s3" ? "&" : "?") + "priority=10";
        Assert.Equal(["Reconcile", "Nars"], PrunedCache.Apply(plan, new PruneOptions { Cache = other }, clock).Select(result => result.Step));
    }

    private static string ReadNarInfo(PrunedCache cache, string hash)
    {
        using var opened = NixStore.Caches.BinaryCaches.BinaryCacheFactory.Open(cache.Url);
        return System.Text.Encoding.UTF8.GetString(opened.TryReadFile(hash + ".narinfo", 1 << 20)!);
    }
}

/// <summary>The machine's time, and more.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}
