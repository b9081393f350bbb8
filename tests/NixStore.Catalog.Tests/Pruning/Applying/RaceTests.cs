using System.Runtime.CompilerServices;
using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Plans;
using TemporaryDirectory = NixStore.Catalog.Tests.Support.TemporaryDirectory;

namespace NixStore.Catalog.Tests.Pruning.Applying;

/// <summary>
/// Real Nix uploads paths that refer to what a plan takes, or share its NARs, while the plan is applied. The network holds narinfos back, as a long
/// upload does: they are written long after Nix has seen that their NARs and references are there.
/// </summary>
[Collection(NixLabCollection.Name)]
public sealed class RaceTests(NixLab lab, S3Server server)
{
    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(4);

    [SkippableTheory]
    [Trait("Category", "Soak")]
    [InlineData("s3")]
    [InlineData("versions")]
    public void No_narinfo_lacks_anything_after_a_round(string kind) => Race(kind, 1);

    [SkippableTheory]
    [Trait("Category", "Soak")]
    [InlineData("s3")]
    [InlineData("versions")]
    public void Nor_after_ten(string kind) => Race(kind, 10);

    [SkippableFact]
    [Trait("Category", "Soak")]
    public async Task Without_delays_one_does()
    {
        using var cache = new PrunedCache(lab, server, "s3");
        cache.Fill();
        var plan = cache.Plan();
        var (isHeld, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var proxy = new FaultyProxy(server.Endpoint, (_, _) => Fault.None)
        {
            Hold = async (method, path) =>
            {
                if (method == "PUT" && path.Contains(".narinfo", StringComparison.Ordinal))
                {
                    isHeld.TrySetResult();
                    await release.Task;
                }
            },
        };
        var upload = Task.Run(() => Copy(cache, proxy, [Build("shared", "control")]));
        await isHeld.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(PrunedCache.Apply(plan, PrunedCache.AtOnce())[^1].IsFinished);
        release.SetResult();
        await upload;
        Assert.NotEmpty(cache.Holes());
    }

    private void Race(string kind, int rounds)
    {
        using var cache = new PrunedCache(lab, server, kind);
        cache.Fill();
        using var proxy = new FaultyProxy(server.Endpoint, (_, _) => Fault.None)
        {
            Hold = (method, path) => method == "PUT" && path.Contains(".narinfo", StringComparison.Ordinal) ? Task.Delay(s_hold) : Task.CompletedTask,
        };
        var (restored, uploads) = (0L, new StrongBox<int>());
        for (var round = 0; round < rounds; round++)
        {
            // What a former round has taken is there again, so that it can be taken again.
            Copy(cache, proxy, [cache.Paths["nixos-disk-image-1"], cache.Paths["nixos-disk-image-2"], cache.Paths["nixos-disk-image-twin"]]);
            var plan = TryPlan(cache, $"{round}.plan");
            using var stop = new CancellationTokenSource();
            var uploading = Task.Run(() => Upload(cache, proxy, round, uploads, stop.Token));
            var options = new PruneOptions { NarDelay = s_delay, SettleDelay = s_delay };
            while (plan is not null)
            {
                var results = PrunedCache.Apply(plan, options);
                restored += results.Sum(result => result.RestoredCount);
                if (results.Exists(result => result.IsFinished))
                {
                    break;
                }

                Thread.Sleep(1000);
            }

            stop.Cancel();
            uploading.GetAwaiter().GetResult();
            if (plan is not null)
            {
                // What the last uploads need that was begun before the plan was settled.
                Assert.Empty(cache.Holes());
            }
        }

        Assert.True(uploads.Value >= rounds * 3, $"{uploads.Value} uploads");
        Assert.True(restored > 0);
    }

    /// <summary>Everything may be needed by uploads of former rounds: then there is nothing to take, and the round proves nothing.</summary>
    private static PrunePlan? TryPlan(PrunedCache cache, string name)
    {
        try
        {
            return cache.Plan(name, request => request with { Names = ["nixos-disk-image*", "only-for-image", "upload-*", "shared-*"] });
        }
        catch (NixStoreException error) when (error.ErrorId == "PrunePlanEmpty")
        {
            return null;
        }
    }

    private void Upload(PrunedCache cache, FaultyProxy proxy, int round, StrongBox<int> uploads, CancellationToken stop)
    {
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            Copy(cache, proxy, [Build("upload", $"{round}-{n}"), Build("shared", $"{round}-{n}")]);
            uploads.Value++;
        }
    }

    /// <summary>A path that refers to an image, or one of the same contents as an image.</summary>
    private string Build(string attribute, string number)
    {
        var file = lab.Place("race.nix");
        lock (lab)
        {
            File.WriteAllText(file, """
                { n }: let
                  all = import ./prune.nix;
                  make = name: script: derivation { inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ]; };
                in { upload = make "upload-${n}" "echo ${all.image} ${n} > $out"; shared = make "shared-${n}" "echo ${all.only} ${all.base} > $out"; }
                """);
            return RealNix.Run("nix234-build", lab, "--no-out-link", file, "--argstr", "n", number, "-A", attribute);
        }
    }

    private void Copy(PrunedCache cache, FaultyProxy proxy, string[] paths)
    {
        using var place = new TemporaryDirectory();
        var environment = new Dictionary<string, string>(lab.Environment) { ["XDG_CACHE_HOME"] = place.Path };
        RealNix.CommandIn(environment, "nix234", ["copy", "--to", cache.Url.Replace(server.Endpoint, proxy.Url, StringComparison.Ordinal) + "&compression=zstd", .. paths]);
    }
}
