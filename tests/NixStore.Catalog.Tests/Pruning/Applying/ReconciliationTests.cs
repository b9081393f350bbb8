using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Pruning.Applying;

namespace NixStore.Catalog.Tests.Pruning.Applying;

/// <summary>What the cache has by now is compared with what a plan takes.</summary>
[Collection(NixLabCollection.Name)]
public sealed class ReconciliationTests(NixLab lab, S3Server server)
{
    [SkippableFact]
    public void A_narinfo_that_the_server_does_not_give_out_ends_the_run_before_anything_goes()
    {
        using var cache = new PrunedCache(lab, server, "s3") { Server = server };
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
}
