using System.Security.Cryptography;
using System.Text;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Pruning.Applying;

/// <summary>A cache of many small paths, written without Nix, and a plan that takes all of them.</summary>
internal static class SyntheticPlan
{
    private const string Hash = "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73";

    internal static PrunedCache NewCache(NixLab lab, S3Server server, string kind)
    {
        var cache = new PrunedCache(lab, server, kind);
        cache.Put("nix-cache-info", $"StoreDir: {lab.StoreDirectory}\n");
        cache.Put("kept.txt", "stays");
        return cache;
    }

    internal static string HashPart(int number) => SampleCache.HashPart(number);

    /// <summary>Three objects a path: narinfo, listing, NAR.</summary>
    internal static IEnumerable<(string Key, string Text, BinaryCacheObjectKind Kind, int Number)> Objects(int count, string storeDirectory = "/nix/store")
    {
        for (var i = 0; i < count; i++)
        {
            yield return ($"{HashPart(i)}.narinfo", $"StorePath: {storeDirectory}/{HashPart(i)}-package-{i}\nURL: nar/{i}.nar\nCompression: none\nNarHash: {Hash}\nNarSize: 10\nReferences: \n", BinaryCacheObjectKind.NarInfo, i);
            yield return ($"{HashPart(i)}.ls", $"{{\"n\":{i}}}", BinaryCacheObjectKind.Listing, i);
            yield return ($"nar/{i}.nar", $"nar {i}", BinaryCacheObjectKind.Nar, i);
        }
    }

    internal static Dictionary<string, string> Contents(PrunePlan plan)
        => Objects((int)plan.Summary.Totals.Paths, plan.Summary.StoreDirectory).ToDictionary(item => item.Key, item => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(item.Text))));

    /// <summary>Uploads them and makes the plan.</summary>
    internal static PrunePlan Make(PrunedCache cache, int count)
    {
        using var opened = BinaryCacheFactory.Open(cache.Url);
        var objects = Objects(count, opened.StoreDirectory.Path).ToList();
        Parallel.ForEach(objects, new ParallelOptions { MaxDegreeOfParallelism = 16 }, item => cache.Put(item.Key, item.Text));
        var files = opened.List().ToDictionary(file => file.Name);
        var writer = PrunePlanWriter.Create(cache.InFolder("synthetic.plan"));
        writer.Write(Enumerable.Range(0, count).Select(i => new PlannedNarInfo(HashPart(i), $"package-{i}", null, $"nar/{i}.nar", Hash, 10, null, files[$"{HashPart(i)}.narinfo"].LastModified, null, false)));
        writer.Write(objects.Select(item => new PlannedObject(item.Key, item.Kind, files[item.Key].Size, files[item.Key].ETag ?? $"{files[item.Key].Size}-{files[item.Key].LastModified.UtcTicks}",
            files[item.Key].LastModified, files[item.Key].StorageClass, HashPart(item.Number))));
        var totals = objects.GroupBy(item => item.Kind.ToString());
        return writer.Finish(new BinaryCachePrunePlan
        {
            CreatedAt = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()),
            Author = "me",
            Cache = opened.Address,
            StoreDirectory = opened.StoreDirectory.Path,
            Source = new PrunePlanSource { Digest = "none", InventoryTime = DateTimeOffset.UtcNow },
            Policy = new PrunePlanPolicy { MinimumAge = TimeSpan.Zero, TooYoungSince = DateTimeOffset.UtcNow },
            Totals = new PrunePlanTotals
            {
                Paths = count,
                Objects = totals.ToDictionary(kind => kind.Key, kind => kind.LongCount()),
                Bytes = totals.ToDictionary(kind => kind.Key, kind => kind.Sum(item => files[item.Key].Size)),
            },
        });
    }
}
