using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Compression;

namespace NixStore.Caches.Tests.BinaryCaches;

public sealed class BinaryCacheUrlTests
{
    [Fact]
    public void SettingsAreThoseOfNix()
    {
        var url = BinaryCacheUrl.Parse("file:///srv/my%20cache/?compression=zstd&compression-level=7&secret-keys=/b,/c&secret-key=/a&priority=10"
            + "&want-mass-query=true&trusted=1&store=/gnu/store&parallel-compression=true");
        var parameters = url.Parameters;
        Assert.Equal(("file", "file:///srv/my%20cache", "/srv/my cache"), (url.Scheme, url.Text, url.Place));
        Assert.Equal((NarCompression.Zstd, 7, 10, true, true), (parameters.Compression, parameters.CompressionLevel, parameters.Priority, parameters.WantMassQuery, parameters.Trusted));
        Assert.Equal(["/a", "/b", "/c"], parameters.SecretKeyFiles);
        Assert.Equal("/gnu/store", parameters.StoreDirectory!.Path);
        Assert.Equal(["parallel-compression"], parameters.Others.Keys);
    }

    [Fact]
    public void NothingGivenIsNixsDefault()
    {
        var parameters = BinaryCacheUrl.Parse("https://cache.nixos.org?compression-level=-1").Parameters;
        Assert.Equal((NarCompression.Xz, null, null, null, false), (parameters.Compression, parameters.CompressionLevel, parameters.Priority, parameters.WantMassQuery, parameters.Trusted));
    }

    [Theory]
    [InlineData("HTTPS://Cache.NixOS.org/", "https", "https://cache.nixos.org")]
    [InlineData("http://user:secret@host:8080/a/b/", "http", "http://host:8080/a/b")]
    public void PasswordsAreNotShown(string text, string scheme, string shown)
    {
        var url = BinaryCacheUrl.Parse(text);
        Assert.Equal((scheme, shown, shown), (url.Scheme, url.Text, url.ToString()));
    }

    [Theory]
    [InlineData("s3://", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "s3://bucket")]
    [InlineData("s3://user@bucket", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "s3://bucket")]
    [InlineData("s3://bucket/a//b", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "prefix")]
    [InlineData("s3://bucket/%2e%2e/b", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "prefix")]
    [InlineData("s3://bucket?scheme=ftp", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "https or http")]
    [InlineData("s3://bucket?endpoint=http://user:pw@host", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "host")]
    [InlineData("s3://bucket?multipart-chunk-size=1000", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "5242880")]
    [InlineData("ssh://host", "UnknownBinaryCacheScheme", StoreErrorKind.InvalidArgument, "file://, http://, https://, s3://")]
    [InlineData("daemon", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "https://")]
    [InlineData("/srv/cache", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "file:///srv/cache")]
    [InlineData("file://srv/cache", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "three slashes")]
    [InlineData("https://", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "cache.nixos.org")]
    [InlineData("http://ho st/", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "cache.nixos.org")]
    [InlineData("https://host/#x", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "%23")]
    [InlineData("https://host?priority=high", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "number")]
    [InlineData("https://host?trusted=maybe", "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, "true or false")]
    [InlineData("https://host?compression=zip", "CompressionNotSupported", StoreErrorKind.NotSupported, "zstd")]
    public void WhatCannotBeOpenedIsRefusedWithARemedy(string url, string errorId, StoreErrorKind kind, string remedy)
    {
        var error = Assert.Throws<NixStoreException>(() => BinaryCacheFactory.Open(url));
        Assert.Equal((errorId, kind), (error.ErrorId, error.Kind));
        Assert.Contains(remedy, error.Remedy);
    }
}
