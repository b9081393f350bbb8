using NixStore.Caches.BinaryCaches;
using NixStore.Caches.S3;

namespace NixStore.Caches.Tests.S3;

/// <summary>Which URL Nix would make of an address and a key.</summary>
public sealed class S3LocationTests
{
    [Theory]
    [InlineData("s3://bucket", "https://bucket.s3.us-east-1.amazonaws.com/x.narinfo")]
    [InlineData("s3://bucket?region=eu-west-1", "https://bucket.s3.eu-west-1.amazonaws.com/x.narinfo")]
    [InlineData("s3://my.bucket?region=eu-west-1", "https://s3.eu-west-1.amazonaws.com/my.bucket/x.narinfo")]
    [InlineData("s3://bucket?addressing-style=path", "https://s3.us-east-1.amazonaws.com/bucket/x.narinfo")]
    [InlineData("s3://bucket?endpoint=minio.example.com:9000", "https://minio.example.com:9000/bucket/x.narinfo")]
    [InlineData("s3://bucket?endpoint=minio.example.com&scheme=http", "http://minio.example.com/bucket/x.narinfo")]
    [InlineData("s3://bucket?endpoint=http://127.0.0.1:9000", "http://127.0.0.1:9000/bucket/x.narinfo")]
    [InlineData("s3://bucket?endpoint=http://host/s3/&scheme=https", "http://host/s3/bucket/x.narinfo")]
    [InlineData("s3://bucket?endpoint=http://host&addressing-style=virtual", "http://bucket.host/x.narinfo")]
    [InlineData("s3://bucket/some/prefix/?endpoint=http://host", "http://host/bucket/some/prefix/x.narinfo")]
    public void FollowsFromTheSettings(string address, string url)
    {
        var location = S3Location.Of(BinaryCacheUrl.Parse(address));
        Assert.Equal(url, location.UriOf(location.Prefix + "x.narinfo").AbsoluteUri);
    }

    [Fact]
    public void KeysAreEscapedAsTheyAre()
    {
        var location = S3Location.Of(BinaryCacheUrl.Parse("s3://bucket?endpoint=http://host"));
        Assert.Equal("http://host/bucket/log/gtk%2B%20%25%3F%23~1/%C3%BC", location.UriOf("log/gtk+ %?#~1/ü").AbsoluteUri);
        Assert.Equal("http://host/bucket?list-type=2&prefix=a%2Fb", location.UriOf("", ("prefix", "a/b"), ("list-type", "2")).AbsoluteUri);
    }

    [Fact]
    public void SettingsAreThoseOfNix()
    {
        var parameters = S3Location.Of(BinaryCacheUrl.Parse(
            "s3://bucket?profile=p&multipart-upload=true&buffer-size=6000000&multipart-threshold=7&storage-class=STANDARD_IA")).Parameters;
        Assert.Equal(("p", true, 6_000_000, 7, "STANDARD_IA"), (parameters.Profile, parameters.MultipartUpload, parameters.ChunkSize, parameters.MultipartThreshold, parameters.StorageClass));
        var url = BinaryCacheUrl.Parse("s3://bucket?write-nar-listing=1&index-debug-info=true&narinfo-compression=br&ls-compression=gzip").Parameters;
        Assert.Equal((true, true, "br", "gzip"), (url.WriteNarListing, url.IndexDebugInfo, NixStore.Caches.Compression.NarCompressionNames.Name(url.NarInfoCompression!.Value), NixStore.Caches.Compression.NarCompressionNames.Name(url.ListingCompression!.Value)));
    }
}
