using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Trash;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Pruning.Applying;

/// <summary>Plans are applied to a real server through a network with faults: what is counted is the plan, and nothing is lost.</summary>
[Collection(NixLabCollection.Name)]
public sealed class FaultTests(NixLab lab, S3Server server)
{
    private static readonly Fault[] s_passing = [Fault.SlowDown, Fault.InternalError, Fault.CutBefore, Fault.CutAfter, Fault.Expired, Fault.PartialErrors];

    private static readonly ObjectAccess s_hasty = new() { ThrottleLimit = 16, MaximumAttempts = 12, RetryDelay = TimeSpan.FromMilliseconds(2), MaximumRetryDelay = TimeSpan.FromMilliseconds(20) };

    [SkippableTheory]
    [Trait("Category", "Soak")]
    [InlineData("s3", 1)]
    [InlineData("versions", 2)]
    public async Task Faults_that_pass_leave_nothing_behind(string kind, int seed)
    {
        using var cache = SyntheticPlan.NewCache(lab, server, kind);
        var plan = SyntheticPlan.Make(cache, 300);
        var (random, gate, faults) = (new Random(seed), new Lock(), 0);
        using var proxy = new FaultyProxy(server.Endpoint, (method, path) =>
        {
            lock (gate)
            {
                var fault = random.Next(5) == 0 ? s_passing[random.Next(s_passing.Length)] : Fault.None;
                fault = fault == Fault.PartialErrors && !(method == "POST" && path.Contains("delete", StringComparison.Ordinal)) ? Fault.SlowDown : fault;
                faults += fault == Fault.None ? 0 : 1;
                return fault;
            }
        }) { Delete = server.Delete };
        var url = cache.Url.Replace(server.Endpoint, proxy.Url, StringComparison.Ordinal);
        var results = PrunedCache.Apply(plan, PrunedCache.AtOnce() with { Cache = url, Access = s_hasty });
        Assert.True(faults > 20, $"{faults} faults");
        Assert.True(results[^1].IsFinished);
        Assert.Empty(results.SelectMany(result => result.Exceptions).Select(exception => $"{exception}: {exception.Reason}"));
        Assert.Equal(plan.Summary.ObjectCount, results.Where(result => result.Step is "NarInfos" or "Nars").Sum(result => result.ObjectCount));
        Assert.Equal(["kept.txt", "nix-cache-info"], cache.Objects().Keys.Order());

        // Through the same network it comes back.
        using var trash = CacheTrash.Open(url, access: s_hasty);
        var restored = await trash.Restore(plan.Summary.Id, null, null, new PruneProgress());
        Assert.Equal((plan.Summary.ObjectCount, 0), (restored.ObjectCount + restored.AlreadyThereCount, restored.LostCount));
        Assert.Equal(SyntheticPlan.Contents(plan), cache.Objects().Where(item => item.Key is not ("kept.txt" or "nix-cache-info")).ToDictionary());
    }

    [SkippableFact]
    public void What_the_server_does_not_do_is_done_by_the_next_run()
    {
        using var cache = SyntheticPlan.NewCache(lab, server, "s3");
        var plan = SyntheticPlan.Make(cache, 60);
        var isBack = false;
        using var proxy = new FaultyProxy(server.Endpoint, (method, path) => !isBack && method == "POST" && path.Contains("delete", StringComparison.Ordinal) ? Fault.PartialErrors : Fault.None);
        var options = PrunedCache.AtOnce() with
        {
            Cache = cache.Url.Replace(server.Endpoint, proxy.Url, StringComparison.Ordinal),
            CanaryPercent = 0,
            Access = s_hasty with { MaximumAttempts = 2 },
        };
        var first = PrunedCache.Apply(plan, options);
        Assert.Contains(first[^1].Exceptions, exception => exception.Kind == PruneExceptionKind.Failed);
        Assert.Equal(180 + 2, cache.Objects().Count);

        isBack = true;
        var second = PrunedCache.Apply(plan, options);
        Assert.True(second[^1].IsFinished);
        Assert.Equal(2, cache.Objects().Count);
    }

    [SkippableFact]
    public void What_the_server_never_does_is_left_with_what_it_needs()
    {
        using var cache = SyntheticPlan.NewCache(lab, server, "s3");
        var plan = SyntheticPlan.Make(cache, 60);
        var isBack = false;
        using var proxy = new FaultyProxy(server.Endpoint, (method, path) => !isBack && method == "POST" && path.Contains("delete", StringComparison.Ordinal) ? Fault.PartialErrors : Fault.None) { Delete = server.Delete };
        var options = PrunedCache.AtOnce() with
        {
            Cache = cache.Url.Replace(server.Endpoint, proxy.Url, StringComparison.Ordinal),
            SkipFailed = true,
            Access = s_hasty with { MaximumAttempts = 2 },
        };
        using (var run = PruneRun.Open(plan, options))
        {
            run.Do(PruneStep.Reconcile);
            Assert.Contains(run.Do(PruneStep.NarInfos).Exceptions, exception => exception.Kind == PruneExceptionKind.Changed);
        }

        isBack = true;
        Assert.True(PrunedCache.Apply(plan, options)[^1].IsFinished);
        var left = cache.Objects().Keys.Where(key => key.EndsWith(".narinfo", StringComparison.Ordinal)).ToList();
        Assert.InRange(left.Count, 1, 59);
        Assert.Equal(left.Count, cache.Objects().Keys.Count(key => key.StartsWith("nar/", StringComparison.Ordinal)));
        Assert.Empty(cache.Holes());
    }

    [SkippableFact]
    public void A_server_that_is_gone_ends_the_run_and_the_next_one_goes_on()
    {
        using var cache = SyntheticPlan.NewCache(lab, server, "s3");
        var plan = SyntheticPlan.Make(cache, 100);
        var left = 120;
        using var proxy = new FaultyProxy(server.Endpoint, (_, _) => Interlocked.Decrement(ref left) > 0 ? Fault.None : Fault.CutBefore);
        var options = PrunedCache.AtOnce() with { Cache = cache.Url.Replace(server.Endpoint, proxy.Url, StringComparison.Ordinal), Access = s_hasty with { MaximumAttempts = 2 } };
        for (var i = 0; i < 20; i++)
        {
            try
            {
                if (PrunedCache.Apply(plan, options) is [.., { IsFinished: true }])
                {
                    break;
                }
            }
            catch (NixStoreException error)
            {
                Assert.Equal(StoreErrorKind.Connection, error.Kind);
                Interlocked.Exchange(ref left, 150);
            }
        }

        Interlocked.Exchange(ref left, int.MaxValue);
        Assert.Empty(PrunedCache.Apply(plan, options));
        Assert.Equal(2, cache.Objects().Count);
    }
}
