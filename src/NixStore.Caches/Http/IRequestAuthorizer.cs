namespace NixStore.Caches.Http;

/// <summary>Puts into a request what makes its server accept it. Safe to use from several threads at once.</summary>
internal interface IRequestAuthorizer
{
    /// <summary>Called for every attempt, when the request is otherwise complete.</summary>
    ValueTask Authorize(HttpRequestMessage request, CancellationToken cancellation);

    /// <summary>The server says that what it was given has expired; the next attempt must bring something new.</summary>
    void Expired();
}
