using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using NixStore.Caches.Compression;

namespace NixStore.Caches.Http;

/// <summary>
/// The body of an answer, which is asked for again from where it broke off when the server can do that, and which does not wait
/// for a silent server for ever.
/// </summary>
internal sealed class ResumingStream : ReadOnlyStream
{
    private const int BufferSize = 128 << 10;

    private readonly HttpTransport _transport;
    private readonly Uri _uri;
    private readonly CancellationToken _cancellation;
    private readonly EntityTagHeaderValue? _tag;
    private readonly bool _canResume;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private HttpResponseMessage _response;
    private Stream _body;
    private long _position;
    private int _failures;

    private ResumingStream(HttpTransport transport, Uri uri, HttpResponseMessage response, Stream body, CancellationToken cancellation)
    {
        _transport = transport;
        _uri = uri;
        _response = response;
        _body = body;
        _cancellation = cancellation;
        // A weak tag says nothing about single bytes.
        _tag = response.Headers.ETag is { IsWeak: false } tag ? tag : null;
        _canResume = _tag is not null || response.Headers.AcceptRanges.Contains("bytes");
    }

    /// <summary>What the server says the body is encoded with.</summary>
    public IReadOnlyCollection<string> ContentEncodings => [.. _response.Content.Headers.ContentEncoding];

    /// <summary>Bytes of the whole body, if the server says so.</summary>
    public long? Size => _response.Content.Headers.ContentLength;

    /// <exception cref="HttpStatusException">The server refused.</exception>
    /// <exception cref="NixStoreException">Anything else, named.</exception>
    public static ResumingStream Open(HttpTransport transport, Uri uri, CancellationToken cancellation) => transport.Get(
        uri,
        // What is compressed already gains nothing, and a range of an encoded body cannot be had from every server.
        headers => headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity")),
        async (response, token) => new ResumingStream(transport, uri, response, await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false), cancellation),
        cancellation);

    public override int Read(Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        while (true)
        {
            try
            {
                var read = ReadWithinLimit(Math.Min(output.Length, BufferSize)).GetAwaiter().GetResult();
                _buffer.AsSpan(0, read).CopyTo(output);
                _position += read;
                return read;
            }
            catch (Exception e) when (HttpFailure.IsKnown(e))
            {
                if (!_canResume || ++_failures >= _transport.MaximumAttempts)
                {
                    throw HttpFailure.ToError(e, _uri);
                }

                Resume();
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _buffer.Length > 0)
        {
            _body.Dispose();
            _response.Dispose();
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        base.Dispose(disposing);
    }

    private async Task<int> ReadWithinLimit(int count)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(_cancellation);
        limited.CancelAfter(_transport.StallLimit);
        try
        {
            return await _body.ReadAsync(_buffer.AsMemory(0, count), limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!_cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"the download stalled for {_transport.StallLimit.TotalSeconds:0.#} s.", e);
        }
    }

    private void Resume()
    {
        _body.Dispose();
        _response.Dispose();
        try
        {
            (_response, _body) = _transport.Get(_uri, AskForTheRest, TakeTheRest, _cancellation);
        }
        catch (HttpStatusException e)
        {
            throw HttpFailure.ToError(e, _uri);
        }
    }

    private void AskForTheRest(HttpRequestHeaders headers)
    {
        headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (_position > 0)
        {
            headers.Range = new RangeHeaderValue(_position, null);
            headers.IfRange = _tag is null ? null : new RangeConditionHeaderValue(_tag);
        }
    }

    private async Task<(HttpResponseMessage Response, Stream Body)> TakeTheRest(HttpResponseMessage response, CancellationToken cancellation)
    {
        var continues = _position == 0
            ? response.StatusCode == HttpStatusCode.OK
            : response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == _position;
        if (!continues)
        {
            throw new NixStoreException("BinaryCacheFileChanged", StoreErrorKind.Connection,
                $"The download of '{HttpFailure.Shown(_uri)}' broke off, and the server does not continue the same file.", HttpFailure.Shown(_uri),
                "Start again.");
        }

        return (response, await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
    }
}
