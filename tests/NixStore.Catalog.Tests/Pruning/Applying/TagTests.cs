using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Pruning.Trash;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Pruning.Applying;

/// <summary>Objects get tags, and a real lifecycle takes them, whose day has ten seconds here.</summary>
[Collection(LifecycleCollection.Name)]
public sealed class TagTests(NixLab lab, S3Server server)
{
    [SkippableTheory]
    [InlineData("versions")]
    [InlineData("s3")]
    public async Task A_plan_is_through_when_the_lifecycle_has_taken_what_is_tagged(string kind)
    {
        using var cache = new PrunedCache(lab, server, kind);
        cache.Fill();
        var (plan, before, options) = (cache.Plan(), cache.Objects(), PrunedCache.AtOnce(BinaryCachePruneMode.Tag) with { Force = kind == "s3" });
        var goes = plan.ReadObjects(1).Concat(plan.ReadObjects(2)).Select(item => item.Key).ToHashSet();
        var results = PrunedCache.Apply(plan, options);
        Assert.Equal(["Reconcile", "NarInfos", "Reconcile", "Expire"], results.Take(4).Select(result => result.Step));

        // The lifecycle works every ten seconds, and may have come before it was looked whether it has.
        if (results.Count == 4)
        {
            Assert.Equal(PruneExceptionKind.Pending, Assert.Single(results.SelectMany(result => result.Exceptions)).Kind);
            Assert.InRange(results[^1].NextDue!.Value, DateTimeOffset.UtcNow.AddHours(23), DateTimeOffset.UtcNow.AddHours(25));
        }
        else
        {
            Assert.Contains("Nars", results.Select(result => result.Step));
        }

        cache.ApplyToTheEnd(plan, options, new ShiftedClock());
        Assert.Equal(before.Where(item => !goes.Contains(item.Key)).OrderBy(item => item.Key), cache.Objects().OrderBy(item => item.Key));
        Assert.Empty(PrunedCache.Apply(plan, options));
        cache.Realise("app");
        using var trash = CacheTrash.Open(cache.Url);
        var restored = await trash.Restore(plan.Summary.Id, null, null, new PruneProgress());
        if (kind == "s3")
        {
            Assert.Equal((0, goes.Count), (restored.ObjectCount, restored.LostCount));
            return;
        }

        Assert.Equal(goes.Count, restored.ObjectCount);
        Assert.Equal(before.OrderBy(item => item.Key), cache.Objects().OrderBy(item => item.Key));

        // Not only for the moment: what came back has no tag.
        Thread.Sleep(15_000);
        Assert.Equal(before.OrderBy(item => item.Key), cache.Objects().OrderBy(item => item.Key));
        cache.Realise("nixos-disk-image-2");
    }

    [SkippableFact]
    public void What_is_uploaded_while_NARs_wait_for_the_lifecycle_gets_them_back()
    {
        using var cache = new PrunedCache(lab, server, "versions");
        cache.Fill();
        var plan = cache.Plan();
        var (options, clock) = (PrunedCache.AtOnce(BinaryCachePruneMode.Tag) with { SettleDelay = TimeSpan.FromHours(1) }, new ShiftedClock());
        for (var i = 0; i < 60 && !PrunedCache.Apply(plan, options, clock).Exists(result => result.Step == "Nars"); i++)
        {
            Thread.Sleep(1000);
        }

        // It has the contents of an image that goes: Nix sees the NAR, and writes a narinfo alone. The delay is over, but the NARs are there.
        clock.Shift += TimeSpan.FromHours(2);
        cache.Copy(PrunedCache.BuildUpload(lab, "copy"));
        cache.ApplyToTheEnd(plan, options, clock);
        Thread.Sleep(15_000);
        Assert.Equal("", string.Join('\n', cache.Holes()));
        Assert.DoesNotContain(cache.HashOf("nixos-disk-image-1") + ".narinfo", cache.Objects().Keys);
    }

    [SkippableFact]
    public void A_bucket_without_versions_gets_no_tags_unless_that_is_meant()
    {
        using var cache = SyntheticPlan.NewCache(lab, server, "s3");
        var plan = SyntheticPlan.Make(cache, 5);
        Assert.Equal("PruneWithoutReturn", Assert.Throws<NixStoreException>(() => PrunedCache.Apply(plan, PrunedCache.AtOnce(BinaryCachePruneMode.Tag))).ErrorId);
        Assert.Null(PruneJournal.Read(plan.Directory).Begun);
    }

    [SkippableFact]
    public void Tags_that_somebody_takes_away_meanwhile_are_seen_by_the_trial()
    {
        using var cache = SyntheticPlan.NewCache(lab, server, "s3");
        var plan = SyntheticPlan.Make(cache, 30);
        var (isSet, isTaken) = (0, false);
        using var proxy = new FaultyProxy(server.Endpoint, (_, _) => Fault.None)
        {
            Hold = (method, path) =>
            {
                // The tag of the first object goes as soon as all of the first batch have theirs.
                if (method == "PUT" && path.Contains("tagging", StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref isSet);
                }
                else if (!isTaken && Volatile.Read(ref isSet) >= 10 && method == "PUT" && path.Contains("/taken/", StringComparison.Ordinal))
                {
                    isTaken = true;
                    server.Untag(cache.Bucket, plan.ReadObjects(1).First().Key);
                }

                return Task.CompletedTask;
            },
        };
        var options = PrunedCache.AtOnce(BinaryCachePruneMode.Tag) with { Force = true, Cache = cache.Url.Replace(server.Endpoint, proxy.Url, StringComparison.Ordinal) };
        Assert.Equal("PruneCanaryFailed", Assert.Throws<NixStoreException>(() => PrunedCache.Apply(plan, options)).ErrorId);
    }
}
