namespace NixStore.Caches.BinaryCaches;

/// <summary>A parsed address of a binary cache, <c>scheme://place?settings</c>.</summary>
public sealed class BinaryCacheUrl
{
    /// <summary>What <see cref="BinaryCacheFactory"/> understands.</summary>
    public static IReadOnlyList<string> Schemes { get; } = ["file", "http", "https", "s3"];

    private BinaryCacheUrl(string scheme, string text, string place, BinaryCacheParameters parameters)
    {
        Scheme = scheme;
        Text = text;
        Place = place;
        Parameters = parameters;
    }

    /// <summary>In lower case.</summary>
    public string Scheme { get; }

    /// <summary>The address without settings and without a password: fit for reports.</summary>
    public string Text { get; }

    /// <summary>The settings.</summary>
    public BinaryCacheParameters Parameters { get; }

    /// <summary>A directory for <c>file</c>; bucket and prefix for <c>s3</c>; for others the address with its password, if it has one.</summary>
    internal string Place { get; }

    /// <summary>Parses an address.</summary>
    /// <exception cref="NixStoreException">
    /// InvalidBinaryCacheUrl; UnknownBinaryCacheScheme; CompressionNotSupported.
    /// </exception>
    public static BinaryCacheUrl Parse(string url)
    {
        var separator = url.IndexOf("://", StringComparison.Ordinal);
        if (separator < 1)
        {
            throw Invalid(url, "it has no scheme", url.StartsWith('/') ? $"Write file://{url}." : "Write for example https://cache.nixos.org.");
        }

        var scheme = url[..separator].ToLowerInvariant();
        var question = url.IndexOf('?');
        var place = question < 0 ? url : url[..question];
        if (!Schemes.Contains(scheme))
        {
            throw new NixStoreException("UnknownBinaryCacheScheme", StoreErrorKind.InvalidArgument,
                $"'{scheme}' is no scheme of a binary cache ('{place}').", place,
                $"Use one of {string.Join(", ", Schemes.Select(name => name + "://"))}.");
        }

        if (url.Contains('#'))
        {
            throw Invalid(place, "it has a fragment ('#')", "Write %23 for a '#' in a name.");
        }

        var (text, realPlace) = scheme switch
        {
            "file" => ParseFile(place),
            "s3" => ParseS3(place),
            _ => ParseHttp(place),
        };
        return new BinaryCacheUrl(scheme, text, realPlace, BinaryCacheParameters.Parse(question < 0 ? "" : url[(question + 1)..], text));
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static (string Text, string Place) ParseFile(string url)
    {
        var path = Uri.UnescapeDataString(url["file://".Length..]);
        if (!path.StartsWith('/') || path.Contains('\0'))
        {
            throw Invalid(url, "the path is not absolute", "Write file:///srv/cache, with three slashes.");
        }

        var trimmed = path.Length > 1 ? path.TrimEnd('/') : path;
        return (url.TrimEnd('/'), trimmed.Length == 0 ? "/" : trimmed);
    }

    // A bucket, and perhaps a prefix of all keys.
    private static (string Text, string Place) ParseS3(string url)
    {
        var text = "s3://" + url["s3://".Length..].TrimEnd('/');
        var parts = text["s3://".Length..].Split('/');
        if (parts[0].Length == 0 || parts[0].Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_')))
        {
            throw Invalid(url, "it names no bucket", "Write for example s3://bucket?region=eu-west-1.");
        }

        return parts.Skip(1).Any(part => Uri.UnescapeDataString(part) is "" or "." or "..")
            ? throw Invalid(url, "the prefix behind the bucket is not canonical", "Write for example s3://bucket/some/prefix.")
            : (text, text);
    }

    private static (string Text, string Place) ParseHttp(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            throw Invalid(url.Contains('@') ? url[(url.LastIndexOf('@') + 1)..] : url, "it is no URL", "Write for example https://cache.nixos.org.");
        }

        var shown = uri.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped).TrimEnd('/');
        return (shown, url);
    }

    private static NixStoreException Invalid(string url, string reason, string remedy)
        => new("InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, $"'{url}' is not the address of a binary cache: {reason}.", url, remedy);
}
