using System.Globalization;
using NixStore.Caches.BinaryCaches;

namespace NixStore.Caches.S3;

/// <summary>The settings of an <c>s3://</c> address, with Nix's names and defaults (STORE-SPEC §9; Nix libstore/s3-binary-cache-store.hh).</summary>
public sealed record S3Parameters
{
    /// <summary>The smallest part that S3 takes, the last one excepted.</summary>
    public const int MinimumChunkSize = 5 << 20;

    /// <summary>Nix's default of <c>region</c>.</summary>
    public const string DefaultRegion = "us-east-1";

    /// <summary><c>region</c></summary>
    public string Region { get; init; } = DefaultRegion;

    /// <summary><c>endpoint</c>: host with port, or an http(s) URL; null for Amazon's.</summary>
    public string? Endpoint { get; init; }

    /// <summary><c>scheme</c>: https or http; an endpoint that is a URL has its own.</summary>
    public string Scheme { get; init; } = "https";

    /// <summary><c>profile</c> of <c>~/.aws</c>; null for the default one.</summary>
    public string? Profile { get; init; }

    /// <summary><c>addressing-style</c>: auto, path or virtual.</summary>
    public string AddressingStyle { get; init; } = "auto";

    /// <summary><c>multipart-upload</c>. What S3 does not take in one piece goes in parts in any case.</summary>
    public bool MultipartUpload { get; init; }

    /// <summary><c>multipart-chunk-size</c>, formerly <c>buffer-size</c>, in bytes.</summary>
    public long ChunkSize { get; init; } = MinimumChunkSize;

    /// <summary><c>multipart-threshold</c> in bytes.</summary>
    public long MultipartThreshold { get; init; } = 100 << 20;

    /// <summary><c>storage-class</c> of what is added; null for the bucket's own.</summary>
    public string? StorageClass { get; init; }

    /// <summary>Reads them.</summary>
    /// <param name="given">What stands behind the <c>?</c>.</param>
    /// <param name="url">The address, for errors.</param>
    /// <exception cref="NixStoreException">InvalidBinaryCacheUrl</exception>
    internal static S3Parameters Parse(IReadOnlyDictionary<string, string> given, string url)
    {
        var result = new S3Parameters();
        foreach (var (name, value) in given)
        {
            result = name switch
            {
                "region" when value.Length > 0 => result with { Region = value },
                "endpoint" when value.Length > 0 => result with { Endpoint = value },
                "scheme" => result with { Scheme = OneOf(name, value, url, "https", "http") },
                "profile" when value.Length > 0 => result with { Profile = value },
                "addressing-style" => result with { AddressingStyle = OneOf(name, value, url, "auto", "path", "virtual") },
                "multipart-upload" => result with { MultipartUpload = BinaryCacheParameters.Switch(name, value, url) },
                "multipart-chunk-size" or "buffer-size" => result with { ChunkSize = Size(name, value, url, MinimumChunkSize) },
                "multipart-threshold" => result with { MultipartThreshold = Size(name, value, url, 0) },
                "storage-class" when value.Length > 0 => result with { StorageClass = value },
                _ => result,
            };
        }

        return result;
    }

    private static string OneOf(string name, string value, string url, params string[] allowed)
        => allowed.Contains(value) ? value : throw BinaryCacheParameters.Invalid(name, value, url, string.Join(" or ", allowed));

    private static long Size(string name, string value, string url, long minimum)
        => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size >= minimum
            ? size : throw BinaryCacheParameters.Invalid(name, value, url, $"a number of bytes, at least {minimum}");
}
