using NixStore.Caches.BinaryCaches;

namespace NixStore.Caches.S3;

/// <summary>Where the objects of a bucket are on the net: path style or virtual-hosted style, as Nix decides it (Nix libstore/s3-url.cc).</summary>
public sealed class S3Location
{
    private static readonly UriCreationOptions s_exact = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly string _server;
    private readonly string _bucketPath;

    private S3Location(string bucket, string prefix, S3Parameters parameters, string service, bool isPathStyle, string server, string bucketPath)
    {
        ServiceUrl = service;
        IsPathStyle = isPathStyle;
        Bucket = bucket;
        Prefix = prefix;
        Parameters = parameters;
        _server = server;
        _bucketPath = bucketPath;
    }

    /// <summary>The bucket.</summary>
    public string Bucket { get; }

    /// <summary>What all keys of the cache begin with: empty, or ends in a slash.</summary>
    public string Prefix { get; }

    /// <summary>The settings.</summary>
    public S3Parameters Parameters { get; }

    /// <summary>Where the service is, without the bucket.</summary>
    internal string ServiceUrl { get; }

    /// <summary>True when the bucket is a part of the path, not of the host's name.</summary>
    internal bool IsPathStyle { get; }

    /// <summary>Finds it.</summary>
    /// <param name="url">An address of the scheme <c>s3</c>.</param>
    /// <exception cref="NixStoreException">InvalidBinaryCacheUrl</exception>
    public static S3Location Of(BinaryCacheUrl url)
    {
        var parameters = S3Parameters.Parse(url.Parameters.Others, url.Text);
        var parts = url.Place["s3://".Length..].Split('/', 2);
        var bucket = parts[0];
        var prefix = parts.Length > 1 && parts[1].Length > 0 ? Uri.UnescapeDataString(parts[1]) + "/" : "";
        var (scheme, authority, path) = Server(parameters, url.Text);
        var isVirtual = parameters.AddressingStyle switch
        {
            "path" => false,
            "virtual" => true,
            // A certificate for *.s3.region.amazonaws.com does not cover names with dots.
            _ => parameters.Endpoint is null && !bucket.Contains('.'),
        };
        var service = $"{scheme}://{authority}{path}";
        return isVirtual
            ? new S3Location(bucket, prefix, parameters, service, isPathStyle: false, $"{scheme}://{bucket}.{authority}", $"{path}/")
            : new S3Location(bucket, prefix, parameters, service, isPathStyle: true, $"{scheme}://{authority}", $"{path}/{bucket}");
    }

    /// <summary>The URL of a key.</summary>
    /// <param name="key">The whole key; empty for the bucket itself.</param>
    /// <param name="query">Names and values; a value may be empty.</param>
    public Uri UriOf(string key, params IEnumerable<(string Name, string Value)> query)
    {
        var path = key.Length == 0 ? _bucketPath : $"{_bucketPath.TrimEnd('/')}/{Escape(key, keepSlash: true)}";
        // In the order of the names: that is what is signed.
        var text = string.Join('&', query.Select(item => $"{Escape(item.Name)}={Escape(item.Value)}").Order(StringComparer.Ordinal));
        return new Uri($"{_server}{path}{(text.Length == 0 ? "" : "?" + text)}", s_exact);
    }

    /// <summary>True for a URL of the server that the bucket is on: nobody else gets a signed request.</summary>
    internal bool Owns(Uri uri) => uri.GetLeftPart(UriPartial.Authority) == new Uri(_server).GetLeftPart(UriPartial.Authority);

    private static string Escape(string text, bool keepSlash = false)
    {
        var escaped = Uri.EscapeDataString(text);
        return keepSlash ? escaped.Replace("%2F", "/", StringComparison.Ordinal) : escaped;
    }

    private static (string Scheme, string Authority, string Path) Server(S3Parameters parameters, string url)
    {
        if (parameters.Endpoint is not { } endpoint)
        {
            return (parameters.Scheme, $"s3.{parameters.Region}.amazonaws.com", "");
        }

        var text = endpoint.Contains("://", StringComparison.Ordinal) ? endpoint : $"{parameters.Scheme}://{endpoint}";
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.Query.Length == 0
            ? (uri.Scheme, uri.Authority, uri.AbsolutePath.TrimEnd('/'))
            : throw BinaryCacheParameters.Invalid("endpoint", endpoint, url, "a host with or without a port, or an http(s) URL");
    }
}
