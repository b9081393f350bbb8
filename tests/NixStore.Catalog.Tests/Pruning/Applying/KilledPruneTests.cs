using System.Diagnostics;
using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Trash;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Pruning.Applying;

/// <summary>Applying that gets a real SIGKILL at many moments, and is begun again until it comes to its end.</summary>
[Collection(NixLabCollection.Name)]
public sealed class KilledPruneTests(NixLab lab, S3Server server)
{
    private const int Count = 150;

    [SkippableTheory]
    [InlineData("file", 3)]
    [InlineData("s3", 3)]
    public Task Counts_and_contents_are_those_of_the_plan(string kind, int kills) => Kill(kind, kills);

    [SkippableTheory]
    [Trait("Category", "Soak")]
    [InlineData("file")]
    [InlineData("s3")]
    [InlineData("versions")]
    public Task Also_at_a_hundred_moments(string kind) => Kill(kind, 100);

    private async Task Kill(string kind, int kills)
    {
        var killed = 0;
        TimeSpan time;
        using (var cache = SyntheticPlan.NewCache(lab, server, kind))
        {
            var watch = Stopwatch.StartNew();
            Assert.True(Run(SyntheticPlan.Make(cache, Count).Directory, cache.Url, null, watch));
            time = watch.Elapsed;
        }

        // Several kills of one plan: each run goes on where the last one was killed. One that comes to its end before its moment is no kill, and is not counted.
        for (var plans = 0; killed < kills; plans++)
        {
            Assert.True(plans <= 2 * kills, $"{killed} of {kills} kills with {plans} plans");
            using var cache = SyntheticPlan.NewCache(lab, server, kind);
            var plan = SyntheticPlan.Make(cache, Count);
            for (var again = 0; again < 3 && killed < kills; again++)
            {
                var watch = new Stopwatch();
                if (Run(plan.Directory, cache.Url, time * (0.25 + (0.7 * ((killed + 0.5) / kills))), watch))
                {
                    // A whole run was quicker than the one that was measured: the machine had more to do then.
                    time = again == 0 ? watch.Elapsed : time;
                    break;
                }

                killed++;
            }

            Assert.True(Run(plan.Directory, cache.Url, null, null));
            Assert.Equal(["kept.txt", "nix-cache-info"], cache.Objects().Keys.Order());
            var state = PruneJournal.Read(plan.Directory);
            Assert.NotNull(state.SettledAt);
            Assert.Equal(plan.Summary.ObjectCount, state.Done.Sum(batch => batch.Taken));
            Assert.Equal(plan.Summary.ObjectSize, state.Done.Sum(batch => batch.Bytes));
            using var trash = CacheTrash.Open(cache.Url);
            Assert.Equal(plan.Summary.ObjectCount, (await trash.Summarize(plan.Summary.Id)).ObjectCount);
            await trash.Restore(plan.Summary.Id, null, null, new PruneProgress());
            Assert.Equal(SyntheticPlan.Contents(plan), cache.Objects().Where(item => item.Key is not ("kept.txt" or "nix-cache-info")).ToDictionary());
        }
    }

    private static bool Run(string plan, string url, TimeSpan? kill, Stopwatch? watch)
    {
        watch?.Restart();
        var ended = KilledRun.Run(kill, "prune", plan, url);
        watch?.Stop();
        return ended;
    }
}
