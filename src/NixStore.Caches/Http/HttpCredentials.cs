using System.Net.Http.Headers;
using System.Text;

namespace NixStore.Caches.Http;

/// <summary>Which password goes to which server: the cache's own address may carry one, all others come from a netrc file.</summary>
internal sealed class HttpCredentials : IRequestAuthorizer
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

    public ValueTask Authorize(HttpRequestMessage request, CancellationToken cancellation)
    {
        var uri = request.RequestUri!;
        var isOwn = Uri.Compare(uri, _own, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;
        var found = isOwn && _inAddress is not null ? _inAddress : _netrc.Find(uri.Host);
        request.Headers.Authorization = found is { } pair
            ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{pair.Login}:{pair.Password}")))
            : null;
        return ValueTask.CompletedTask;
    }

    // A password does not expire; a wrong one is answered 401.
    public void Expired()
    {
    }
}
