using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Pruning.Trash;

namespace NixStore.Catalog.Tests.Pruning.Applying;

/// <summary>
/// Two outputs of a derivation have one log, and two paths of the same contents one NAR with its debug information. A plan has these objects by the lesser
/// hash, and they stay, and come back, for the greater one as well.
/// </summary>
[Collection(NixLabCollection.Name)]
public sealed class SharedSideObjectTests(NixLab lab, S3Server server)
{
    private const string Log = "log/";
    private const string DebugInfo = "debuginfo/00ff";

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void They_come_back_for_what_was_uploaded_again(bool isLog)
    {
        using var cache = new PrunedCache(lab, server, "file");
        var (plan, hash) = Make(cache, isLog);
        var narInfo = File.ReadAllText(cache.FileOf($"{hash}.narinfo"));
        var clock = new ShiftedClock();
        PrunedCache.Apply(plan, new PruneOptions(), clock);
        Assert.DoesNotContain(cache.Objects().Keys, IsShared);

        cache.Put($"{hash}.narinfo", narInfo);
        cache.ApplyToTheEnd(plan, new PruneOptions(), clock);
        Assert.Contains(cache.Objects().Keys, IsShared);
        Assert.Single(cache.Objects().Keys, key => key.EndsWith(".narinfo", StringComparison.Ordinal));
        Assert.Empty(cache.Holes());
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void They_stay_when_it_was_uploaded_again_before(bool isLog)
    {
        using var cache = new PrunedCache(lab, server, "file");
        var (plan, hash) = Make(cache, isLog);
        cache.Put($"{hash}.narinfo", File.ReadAllText(cache.FileOf($"{hash}.narinfo")));
        cache.ApplyToTheEnd(plan, new PruneOptions(), new ShiftedClock());
        Assert.Contains(cache.Objects().Keys, IsShared);
        Assert.Single(cache.Objects().Keys, key => key.EndsWith(".narinfo", StringComparison.Ordinal));
        Assert.Empty(cache.Holes());
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task They_come_back_with_what_is_restored(bool isLog)
    {
        using var cache = new PrunedCache(lab, server, "file");
        var (plan, hash) = Make(cache, isLog);
        Assert.True(PrunedCache.Apply(plan, PrunedCache.AtOnce())[^1].IsFinished);
        Assert.DoesNotContain(cache.Objects().Keys, IsShared);
        using var trash = CacheTrash.Open(cache.Url);
        await trash.Restore(plan.Summary.Id, [hash], null, new PruneProgress());
        Assert.Contains(cache.Objects().Keys, IsShared);
        Assert.Empty(cache.Holes());
    }

    private static bool IsShared(string key) => key == DebugInfo || key.StartsWith(Log, StringComparison.Ordinal);

    /// <summary>A cache with two paths that share a log, or a NAR with debug information, a plan for both, and the greater hash of them.</summary>
    private (PrunePlan Plan, string Hash) Make(PrunedCache cache, bool isLog)
    {
        var file = lab.Place("shared.nix");
        File.WriteAllText(file, """
            {
              log = (derivation { name = "side"; system = builtins.currentSystem; builder = "/bin/sh"; outputs = [ "out" "dev" ]; args = [ "-c" "echo 1 > $out; echo 2 > $dev" ]; }).all;
              nar = map (name: derivation { inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo shared > $out" ]; }) [ "side-1" "side-2" ];
            }
            """);
        var paths = RealNix.Run("nix234-build", lab, "--no-out-link", file, "-A", isLog ? "log" : "nar").Split('\n');
        var hashes = paths.Select(path => lab.StoreDirectory.Parse(path).HashPart).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(2, hashes.Count);
        cache.Copy(paths);
        if (isLog)
        {
            cache.Put($"{Log}{Path.GetFileName(lab.Info(paths[0]).Deriver!.BaseName)}", "a log");
        }
        else
        {
            var url = File.ReadAllLines(cache.FileOf($"{hashes[0]}.narinfo")).Single(line => line.StartsWith("URL: ", StringComparison.Ordinal))[5..];
            cache.Put(DebugInfo, $$"""{"archive":"../{{url}}","member":"lib/debug/x"}""");
        }

        cache.Age(TimeSpan.FromDays(400));
        var plan = cache.Plan(change: request => request with { Names = ["side*"], KeepRoots = false });
        Assert.Contains(plan.ReadObjects(1), item => IsShared(item.Key) && item.HashPart == hashes[0]);
        return (plan, hashes[1]);
    }
}
