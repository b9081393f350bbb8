using System.Net.Http.Headers;
using System.Text;

namespace NixStore.Caches.Http;

/// <summary>Which password goes to which server: the cache's own address may carry one, all others come from a netrc file.</summary>
internal sealed class HttpCredentials
{
    private readonly Uri _own;
    private readonly (string Login, string Password)? _inAddress;
    private readonly Netrc _netrc;

    public HttpCredentials(Uri address, Netrc netrc)
    {
        _own = address;
        _netrc = netrc;
        if (address.UserInfo.Length > 0)
        {
            var parts = address.UserInfo.Split(':', 2);
            _inAddress = (Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }
    }

    public AuthenticationHeaderValue? For(Uri uri)
    {
        var isOwn = Uri.Compare(uri, _own, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;
        var found = isOwn && _inAddress is not null ? _inAddress : _netrc.Find(uri.Host);
        return found is { } pair
            ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{pair.Login}:{pair.Password}")))
            : null;
    }
}
