namespace NixStore.Engine.Stores;

/// <summary>
/// A Nix store URL taken apart: <c>scheme://authority?key=value&amp;…</c>, <c>scheme?key=value</c>, or a bare word
/// (Nix libstore/store-reference.cc). Values are percent-decoded.
/// </summary>
public sealed record StoreUrl(string Scheme, string Authority, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>Parses a URL; a bare absolute path becomes <c>local?root=…</c>.</summary>
    /// <exception cref="NixStoreException">InvalidStoreUrl</exception>
    public static StoreUrl Parse(string text)
    {
        if (text.StartsWith('/'))
        {
            var query = text.IndexOf('?');
            var root = query < 0 ? text : text[..query];
            return new StoreUrl("local", root, query < 0 ? new Dictionary<string, string>() : ParseQuery(text, text[(query + 1)..]));
        }

        var question = text.IndexOf('?');
        var head = question < 0 ? text : text[..question];
        var parameters = question < 0 ? new Dictionary<string, string>() : ParseQuery(text, text[(question + 1)..]);
        var separator = head.IndexOf("://", StringComparison.Ordinal);
        var scheme = separator < 0 ? head : head[..separator];
        if (scheme.Length == 0 || scheme.AsSpan().ContainsAnyExcept(s_schemeCharacters))
        {
            throw Invalid(text, "it has no scheme");
        }

        return new StoreUrl(scheme, separator < 0 ? "" : Uri.UnescapeDataString(head[(separator + 3)..]), parameters);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var query = string.Join('&', Parameters.Select(p => $"{p.Key}={Escape(p.Value)}"));

        // Nix knows local and local?root=…, but of all others only those with the slashes.
        var head = Authority.Length > 0 || Scheme is not ("auto" or "local" or "daemon") ? $"{Scheme}://{Escape(Authority)}" : Scheme;
        return query.Length > 0 ? $"{head}?{query}" : head;
    }

    private static readonly System.Buffers.SearchValues<char> s_schemeCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    /// <summary>Percent-encodes a value but leaves the slashes, as people write these URLs.</summary>
    private static string Escape(string value) => Uri.EscapeDataString(value).Replace("%2F", "/", StringComparison.Ordinal);

    private static Dictionary<string, string> ParseQuery(string text, string query)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=');
            if (equals < 1)
            {
                throw Invalid(text, $"'{part}' is not key=value");
            }

            parameters[Uri.UnescapeDataString(part[..equals])] = Uri.UnescapeDataString(part[(equals + 1)..]);
        }

        return parameters;
    }

    private static NixStoreException Invalid(string text, string reason) => new(
        "InvalidStoreUrl", StoreErrorKind.InvalidArgument, $"'{text}' is not a store URL: {reason}.", text,
        "Give a directory, or a URL such as local, local?root=/mnt or local?root=/mnt&read-only=true.");
}
