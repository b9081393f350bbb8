using System.Security.Cryptography;
using Amazon.S3.Model;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Pruning.Objects;

namespace NixStore.Catalog.Tests.Pruning.Objects;

/// <summary>Copies on a real server, at once and in parts: the limits are smaller here, the requests are those of an object of 6 GiB.</summary>
[Collection(NixLabCollection.Name)]
public sealed class S3CopyTests(S3Server server)
{
    // The least that S3 takes for a part that is not the last one.
    private const int PartSize = 5 << 20;
    private const string Key = "nar/image.nar";
    private const string Copied = "trash/nar/image.nar";

    [SkippableTheory]
    [InlineData(PartSize - 1)]
    [InlineData((2 * PartSize) + 77)]
    [InlineData(3 * PartSize)]
    public async Task The_copy_has_the_bytes_and_all_that_is_said_of_them(int size)
    {
        using var objects = await Fill(size);
        Assert.True(await Copy(objects).Run(await See(objects), Copied, false, default));
        Assert.Equal(Read(objects, Key), Read(objects, Copied));
        var about = await objects.Client.GetObjectMetadataAsync(objects.Bucket, Copied);
        Assert.Equal(("application/x-nix-nar", "max-age=7", "gzip", "there"),
            (about.Headers.ContentType, about.Headers.CacheControl, about.Headers.ContentEncoding, about.Metadata["was"]));
        Assert.Empty(await Unfinished(objects));
    }

    [SkippableTheory]
    [InlineData(100)]
    [InlineData((2 * PartSize) + 1)]
    public async Task What_is_another_object_by_now_is_not_copied(int size)
    {
        using var objects = await Fill(size);
        var seen = await See(objects);
        await Put(objects, RandomNumberGenerator.GetBytes(size));
        Assert.False(await Copy(objects).Run(seen, Copied, false, default));
        await AssertNothingAt(objects);
    }

    [SkippableTheory]
    [InlineData(100)]
    [InlineData((2 * PartSize) + 1)]
    public async Task What_is_gone_is_told(int size)
    {
        using var objects = await Fill(size);
        var seen = await See(objects);
        await objects.Client.DeleteObjectAsync(objects.Bucket, Key);
        Assert.Null(await Copy(objects).Run(seen, Copied, false, default));
        await AssertNothingAt(objects);
    }

    private static S3Copy Copy(S3Objects objects) => new(objects, objects) { PartSize = PartSize, SingleLimit = PartSize };

    private static async Task<ObjectState> See(S3Objects objects) => (await objects.Look([Key], default))[Key];

    // As it is stored, not as its encoding says.
    private byte[] Read(S3Objects objects, string key) => server.Get(objects.Bucket, key, out _);

    private static async Task<List<MultipartUpload>> Unfinished(S3Objects objects)
        => (await objects.Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = objects.Bucket })).MultipartUploads ?? [];

    private static async Task AssertNothingAt(S3Objects objects)
    {
        Assert.DoesNotContain(objects.List("", null, default), state => state.Key == Copied);
        Assert.Empty(await Unfinished(objects));
    }

    private static Task<PutObjectResponse> Put(S3Objects objects, byte[] bytes)
    {
        var request = new PutObjectRequest { BucketName = objects.Bucket, Key = Key, InputStream = new MemoryStream(bytes), ContentType = "application/x-nix-nar" };
        request.Headers.CacheControl = "max-age=7";
        request.Headers.ContentEncoding = "gzip";
        request.Metadata["was"] = "there";
        return objects.Client.PutObjectAsync(request);
    }

    private async Task<S3Objects> Fill(int size)
    {
        server.Require();
        var objects = new S3Objects(BinaryCacheUrl.Parse(server.Url(server.NewBucket())), new ObjectAccess(), S3Server.Chain(S3Server.Keys), default);
        await Put(objects, RandomNumberGenerator.GetBytes(size));
        return objects;
    }
}
