using System.Diagnostics;
using System.Globalization;
using System.Text;
using Amazon.S3;
using NixStore.Caches.BinaryCaches;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Plans;
using S3Location = NixStore.Caches.S3.S3Location;

namespace NixStore.Bench.Catalogs;

/// <summary>Applies a plan without delays, and says what it took; makes cache and plan first when it is told to.</summary>
public static class PruneMeasurement
{
    private const string Hash = "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73";

    /// <summary>Does it.</summary>
    /// <param name="plan">Folder of the plan.</param>
    /// <param name="address">Of the cache.</param>
    /// <param name="count">Narinfos to make, with the bucket; 0 = the plan is there.</param>
    /// <param name="mode">What is done with them.</param>
    /// <param name="print">Told of what was done.</param>
    public static void Run(string plan, string address, int count, BinaryCachePruneMode mode, Action<long, string> print)
    {
        if (count > 0)
        {
            if (address.StartsWith("s3:", StringComparison.Ordinal))
            {
                MakeBucket(S3Location.Of(BinaryCacheUrl.Parse(address)));
            }

            Make(plan, address, count);
            print(count, "narinfos written and planned");
        }

        using var run = PruneRun.Open(PrunePlan.Open(plan), new PruneOptions { Cache = address, Mode = mode, NarDelay = TimeSpan.Zero, SettleDelay = TimeSpan.Zero });
        while (run.Next().Step is var step and not (PruneStep.Wait or PruneStep.Finished))
        {
            var (watch, before) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
            var result = run.Do(step);
            var used = Process.GetCurrentProcess().TotalProcessorTime - before;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{step}: {result.ObjectCount:N0} objects in {watch.Elapsed.TotalSeconds:0.00} s, {result.ObjectCount / watch.Elapsed.TotalSeconds:N0}/s, {100 * used / watch.Elapsed:0} % of a core, exceptions {result.Exceptions.Count}"));
        }
    }

    private static void MakeBucket(S3Location location)
    {
        using var client = new AmazonS3Client(new AmazonS3Config { ServiceURL = location.Parameters.Endpoint, AuthenticationRegion = location.Parameters.Region, ForcePathStyle = true });
        client.PutBucketAsync(location.Bucket).GetAwaiter().GetResult();
    }

    private static void Make(string folder, string address, int count)
    {
        using var control = ObjectControls.Open(address, new ObjectAccess { ThrottleLimit = 64 });
        control.Write("nix-cache-info", "StoreDir: /nix/store\n"u8.ToArray(), default).GetAwaiter().GetResult();
        Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, token) =>
            await control.Write(HashPart(i) + ".narinfo", Encoding.UTF8.GetBytes($"StorePath: /nix/store/{HashPart(i)}-package-{i}\nURL: nar/{i}.nar\nCompression: none\nNarHash: {Hash}\nNarSize: 10\nReferences: \n"), token).ConfigureAwait(false))
            .GetAwaiter().GetResult();
        using var cache = BinaryCacheFactory.Open(address);
        var files = cache.List().Where(file => file.Name.EndsWith(".narinfo", StringComparison.Ordinal)).ToList();
        var writer = PrunePlanWriter.Create(folder);
        writer.Write(files.Select(file => new PlannedNarInfo(file.Name[..32], $"package-{file.Size}", null, "nar/none.nar", Hash, 10, null, file.LastModified, null, false)));
        writer.Write(files.Select(file => new PlannedObject(file.Name, BinaryCacheObjectKind.NarInfo, file.Size, file.ETag, file.LastModified, file.StorageClass, file.Name[..32])));
        writer.Finish(new BinaryCachePrunePlan
        {
            CreatedAt = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()),
            Author = "bench",
            Cache = cache.Address,
            StoreDirectory = "/nix/store",
            Source = new PrunePlanSource { Digest = "none", InventoryTime = DateTimeOffset.UtcNow },
            Policy = new PrunePlanPolicy { MinimumAge = TimeSpan.Zero, TooYoungSince = DateTimeOffset.UtcNow, ApprovalPaths = long.MaxValue },
            Totals = new PrunePlanTotals
            {
                Paths = files.Count,
                Objects = new Dictionary<string, long> { ["NarInfo"] = files.Count },
                Bytes = new Dictionary<string, long> { ["NarInfo"] = files.Sum(file => file.Size) },
            },
        });
    }

    private static string HashPart(int number)
    {
        const string alphabet = "0123456789abcdfghijklmnpqrsvwxyz";
        var hash = new char[32];
        var rest = unchecked((ulong)number * 0x9E3779B97F4A7C15);
        for (var i = 0; i < hash.Length; i++)
        {
            hash[i] = i < 12 ? alphabet[(int)(rest & 31)] : '0';
            rest >>= 5;
        }

        return new string(hash[..12]) + number.ToString(CultureInfo.InvariantCulture).PadLeft(20, '0');
    }
}
