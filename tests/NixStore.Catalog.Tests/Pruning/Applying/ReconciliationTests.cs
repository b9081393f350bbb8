using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Trash;

namespace NixStore.Catalog.Tests.Pruning.Applying;

/// <summary>What the cache has by now is compared with what a plan takes.</summary>
[Collection(NixLabCollection.Name)]
public sealed class ReconciliationTests(NixLab lab, S3Server server)
{
    [SkippableFact]
    public void A_narinfo_that_the_server_does_not_give_out_ends_the_run_before_anything_goes()
    {
        using var cache = new PrunedCache(lab, server, "s3");
        cache.Fill();
        var plan = cache.Plan();
        var upload = PrunedCache.BuildUpload(lab, "upload");
        cache.Copy(upload);
        var before = cache.Objects();
        using var proxy = new FaultyProxy(server.Endpoint, (method, path)
            => method == "GET" && path.Contains($"/{lab.StoreDirectory.Parse(upload).HashPart}.narinfo", StringComparison.Ordinal) ? Fault.Denied : Fault.None);
        var options = PrunedCache.AtOnce() with { Cache = cache.Url.Replace(server.Endpoint, proxy.Url, StringComparison.Ordinal) };
        Assert.Equal("PruneNarInfoUnreadable", Assert.Throws<NixStoreException>(() => PrunedCache.Apply(plan, options)).ErrorId);
        Assert.Equal(before.OrderBy(item => item.Key), cache.Objects().OrderBy(item => item.Key));
    }

    [SkippableFact]
    public async Task What_came_back_from_the_trash_of_another_plan_keeps_what_it_needs()
    {
        using var cache = new PrunedCache(lab, server, "file");
        cache.Fill();
        cache.Age(TimeSpan.FromDays(400));
        var first = cache.Plan(change: request => request with { Names = ["nixos-disk-image-[12]"] });
        Assert.True(PrunedCache.Apply(first, PrunedCache.AtOnce())[^1].IsFinished);

        // By now nothing needs the other path, and a catalog says so.
        var second = cache.Plan("two.plan", request => request with { Names = ["only-for-image"] });
        Assert.Equal(1, second.Summary.PathCount);
        using (var trash = CacheTrash.Open(cache.Url))
        {
            await trash.Restore(first.Summary.Id, [cache.HashOf("nixos-disk-image-1")], null, new PruneProgress());
        }

        var results = PrunedCache.Apply(second, PrunedCache.AtOnce());
        Assert.Equal([cache.HashOf("only-for-image") + ".narinfo"], results.SelectMany(result => result.Exceptions).Select(exception => exception.Key));
        Assert.Empty(cache.Holes());
        cache.Realise("nixos-disk-image-1");
    }

    [SkippableFact]
    public async Task What_came_back_before_a_catalog_was_made_can_be_pruned_again()
    {
        using var cache = new PrunedCache(lab, server, "file");
        cache.Fill();
        var first = cache.Plan();
        Assert.True(PrunedCache.Apply(first, PrunedCache.AtOnce())[^1].IsFinished);
        using (var trash = CacheTrash.Open(cache.Url))
        {
            await trash.Restore(first.Summary.Id, null, null, new PruneProgress());
        }

        var second = cache.Plan("two.plan");
        var results = PrunedCache.Apply(second, PrunedCache.AtOnce());
        Assert.Empty(results.SelectMany(result => result.Exceptions));
        Assert.Equal(second.Summary.ObjectCount, results.Where(result => result.Step is "NarInfos" or "Nars").Sum(result => result.ObjectCount));
    }

    [SkippableFact]
    public void The_rest_of_a_killed_batch_goes_only_after_the_cache_was_looked_at()
    {
        using var cache = new PrunedCache(lab, server, "file");
        cache.Fill();
        var plan = cache.Plan();
        using (var run = PruneRun.Open(plan, new PruneOptions()))
        {
            run.Do(PruneStep.Reconcile);
        }

        using (var journal = PruneJournal.Open(plan.Directory, TimeProvider.System))
        {
            journal.Add(new BatchBegun(1, 0));
        }

        cache.Copy(PrunedCache.BuildUpload(lab, "upload"));
        var results = PrunedCache.Apply(plan, new PruneOptions());
        Assert.Equal(["Reconcile", "NarInfos"], results.Select(result => result.Step));
        Assert.Equal(0, results[0].RestoredCount);
        Assert.Equal(2, results[0].Exceptions.Count(exception => exception.Kind == PruneExceptionKind.Resurrected));
        Assert.Empty(cache.Holes());
    }

    [SkippableFact]
    public async Task Of_what_is_only_tagged_what_was_brought_back_keeps_its_NAR()
    {
        using var cache = new PrunedCache(lab, server, "versions");
        cache.Fill();
        var plan = cache.Plan();
        var (options, clock) = (new PruneOptions { Mode = BinaryCachePruneMode.Tag }, new ShiftedClock());
        PrunedCache.Apply(plan, options, clock);
        using (var trash = CacheTrash.Open(cache.Url))
        {
            await trash.Restore(plan.Summary.Id, [cache.HashOf("nixos-disk-image-1")], null, new PruneProgress());
        }

        cache.ApplyToTheEnd(plan, options, clock);
        Assert.Empty(cache.Holes());
        Assert.DoesNotContain(cache.HashOf("nixos-disk-image-2") + ".narinfo", cache.Objects().Keys);
        cache.Realise("nixos-disk-image-1");
    }
}
