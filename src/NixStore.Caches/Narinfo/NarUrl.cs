namespace NixStore.Caches.Narinfo;

/// <summary>
/// What may stand behind <c>URL:</c>. Nix joins it to the cache's address without looking; a narinfo is only as trustworthy
/// as who wrote it, so anything that could name a file outside the cache is refused here.
/// </summary>
internal static class NarUrl
{
    public static bool IsAbsolute(string url)
        => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>The reason why <paramref name="url"/> is not acceptable; null when it is.</summary>
    public static string? Objection(string url)
    {
        if (url.Length == 0)
        {
            return "the URL is empty";
        }

        if (url.Any(c => c <= ' ' || c == '\x7f' || c == '\\'))
        {
            return "the URL has white space, control characters or a backslash";
        }

        if (IsAbsolute(url))
        {
            return Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && uri.UserInfo.Length == 0
                ? null : "the absolute URL cannot be parsed or carries a password";
        }

        var end = url.IndexOfAny(['?', '#']);
        var path = end < 0 ? url : url[..end];
        if (path.StartsWith('/'))
        {
            return "the URL is not relative to the cache";
        }

        var firstPart = path.Split('/')[0];
        if (firstPart.Contains(':'))
        {
            return $"the scheme of the URL, '{firstPart[..firstPart.IndexOf(':')]}', is not http or https";
        }

        // A server may decode %2e%2e; decoding twice would be its own mistake, but costs nothing to refuse.
        var decoded = Uri.UnescapeDataString(Uri.UnescapeDataString(path));
        if (decoded.Split('/').Any(part => part is "" or "." or "..") || decoded.Any(c => c < ' ' || c == '\\'))
        {
            return "the URL leads out of the cache or is not canonical";
        }

        return null;
    }
}
