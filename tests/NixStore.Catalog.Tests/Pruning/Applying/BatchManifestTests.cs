using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Pruning.Applying;

/// <summary>Lists for S3 Batch Operations, whose job no server but Amazon's runs: here the test does to each object of a list what the job says.</summary>
[Collection(LifecycleCollection.Name)]
public sealed class BatchManifestTests(NixLab lab, S3Server server)
{
    [SkippableTheory]
    [InlineData("versions")]
    [InlineData("s3")]
    public void What_is_needed_or_another_by_the_time_of_the_job_stays(string kind)
    {
        using var cache = new PrunedCache(lab, server, kind);
        cache.Fill();
        var plan = cache.Plan();
        var options = PrunedCache.AtOnce(BinaryCachePruneMode.Tag) with { Force = true, BatchManifest = cache.InFolder("batch") };
        var listing = (Early: cache.HashOf("nixos-disk-image-twin") + ".ls", Late: cache.HashOf("nixos-disk-image-2") + ".ls");
        using var bucket = new S3Objects(BinaryCacheUrl.Parse(cache.Url), new ObjectAccess(), S3Server.Chain(S3Server.Keys), default);

        // What is another object already is not named; then the list waits for its job.
        cache.Put(listing.Early, "another early");
        var results = PrunedCache.Apply(plan, options);
        Assert.Equal(["Reconcile", "NarInfos"], results.Select(result => result.Step));
        Assert.Equal(PruneExceptionKind.Pending, Assert.Single(results[^1].Exceptions).Kind);
        var named = Named(cache, 1);
        Assert.Equal(plan.ReadObjects(1).Select(item => item.Key).Where(key => key != listing.Early), named.Select(item => item.Key));
        Assert.All(named, item => Assert.Equal(kind == "versions", item.Version is not null));
        var job = JsonDocument.Parse(File.ReadAllText(cache.InFolder("batch/wave-1-job.json"))).RootElement;
        Assert.Equal(plan.Summary.Id, job.GetProperty("Operation").GetProperty("S3PutObjectTagging").GetProperty("TagSet")[0].GetProperty("Value").GetString());

        // Before the job something needs an image, and somebody writes one of the objects anew.
        cache.Copy(PrunedCache.BuildUpload(lab, "upload"));
        cache.Put(listing.Late, "another late");
        Assert.Equal(["Reconcile", "NarInfos"], PrunedCache.Apply(plan, options).Select(result => result.Step));
        Assert.Empty(Rules(bucket));

        RunJob(bucket, plan, job, named);
        var kept = cache.HashOf("nixos-disk-image-1") + ".narinfo";
        Assert.NotEmpty(Tags(bucket, kept));
        results = PrunedCache.Apply(plan, options);
        Assert.Equal(["Reconcile", "NarInfos", "Reconcile", "Expire"], results.Take(4).Select(result => result.Step));
        Assert.All([kept, listing.Early, listing.Late], key => Assert.Empty(Tags(bucket, key)));

        // The lifecycle works every ten seconds, and may have come before it was looked whether it has.
        if (results.Count == 4)
        {
            Assert.Single(Rules(bucket));
            WaitFor(() => PrunedCache.Apply(plan, options).Exists(result => result.Step == "Nars"));
        }
        else
        {
            Assert.Contains("Nars", results.Select(result => result.Step));
        }

        // The same for NARs; what the job fails to tag, requests do.
        Assert.Empty(Rules(bucket));
        Assert.Equal(plan.ReadObjects(2).Select(item => item.Key).Where(key => key != NarOf(plan, cache.HashOf("nixos-disk-image-1")) && key != NarOf(plan, cache.HashOf("only-for-image"))), Named(cache, 2).Select(item => item.Key));
        job = JsonDocument.Parse(File.ReadAllText(cache.InFolder("batch/wave-2-job.json"))).RootElement;
        RunJob(bucket, plan, job, []);
        cache.ApplyToTheEnd(plan, options, new ShiftedClock());
        Assert.Empty(Rules(bucket));
        Assert.Empty(cache.Holes());
        cache.Realise("nixos-disk-image-1");
        Assert.DoesNotContain(cache.Objects().Keys, key => key == cache.HashOf("nixos-disk-image-2") + ".narinfo" || key == NarOf(plan, cache.HashOf("nixos-disk-image-2")));
        Assert.Contains(listing.Early, cache.Objects().Keys);
        Assert.Contains(listing.Late, cache.Objects().Keys);
    }

    [SkippableFact]
    public void Without_a_job_requests_go_on()
    {
        using var cache = SyntheticPlan.NewCache(lab, server, "versions");
        var plan = SyntheticPlan.Make(cache, 20);
        var options = PrunedCache.AtOnce(BinaryCachePruneMode.Tag);
        PrunedCache.Apply(plan, options with { BatchManifest = cache.InFolder("batch") });
        Assert.Equal(40, Named(cache, 1).Count);
        cache.ApplyToTheEnd(plan, options, new ShiftedClock());
        Assert.Equal(["kept.txt", "nix-cache-info"], cache.Objects().Keys.Order());
    }

    [SkippableFact]
    public void A_list_is_only_for_tags()
    {
        using var cache = SyntheticPlan.NewCache(lab, server, "s3");
        var plan = SyntheticPlan.Make(cache, 2);
        Assert.Equal("PruneModeNotSupported", Assert.Throws<NixStoreException>(() => PruneRun.Open(plan, new PruneOptions { BatchManifest = cache.InFolder("batch") })).ErrorId);
    }

    private static string NarOf(PrunePlan plan, string hash) => plan.ReadNarInfos().Single(path => path.HashPart == hash).Url;

    private static List<(string Key, string? Version)> Named(PrunedCache cache, int wave) => [.. File.ReadAllLines(cache.InFolder($"batch/wave-{wave}-manifest.csv")).Select(line => line.Split(','))
        .Select(fields => (Uri.UnescapeDataString(fields[1]), fields.Length > 2 ? fields[2] : null))];

    private static void RunJob(S3Objects bucket, PrunePlan plan, JsonElement job, List<(string Key, string? Version)> named)
    {
        foreach (var (key, version) in named)
        {
            bucket.Client.PutObjectTaggingAsync(new PutObjectTaggingRequest
            {
                BucketName = bucket.Bucket, Key = key, VersionId = version, Tagging = new Tagging { TagSet = [new Tag { Key = "nixstore-prune", Value = plan.Summary.Id }] },
            }).GetAwaiter().GetResult();
        }

        bucket.Write($"{job.GetProperty("Report").GetProperty("Prefix").GetString()}/job-7/manifest.json", "{}"u8.ToArray(), default).GetAwaiter().GetResult();
    }

    private static List<Tag> Tags(S3Objects bucket, string key)
        => bucket.Client.GetObjectTaggingAsync(new GetObjectTaggingRequest { BucketName = bucket.Bucket, Key = key }).GetAwaiter().GetResult().Tagging ?? [];

    private static List<LifecycleRule> Rules(S3Objects bucket)
    {
        try
        {
            return bucket.Client.GetLifecycleConfigurationAsync(new GetLifecycleConfigurationRequest { BucketName = bucket.Bucket }).GetAwaiter().GetResult().Configuration?.Rules ?? [];
        }
        catch (AmazonS3Exception error) when (error.ErrorCode == "NoSuchLifecycleConfiguration")
        {
            return [];
        }
    }

    private static void WaitFor(Func<bool> isSo)
    {
        for (var i = 0; i < 300; i++)
        {
            if (isSo())
            {
                return;
            }

            Thread.Sleep(1000);
        }

        Assert.Fail("It has not become so.");
    }
}
