using System.Net;
using System.Net.Http.Headers;
using NixStore.Caches.Compression;
using NixStore.Caches.Http;
using NixStore.Caches.Narinfo;

namespace NixStore.Caches.BinaryCaches;

/// <summary>
/// A cache on a web server. 404, 410 and 403 mean that a file is missing, as for Nix; everything transient is tried again.
/// </summary>
public class HttpBinaryCache : BinaryCache
{
    private readonly Uri _root;

    /// <summary>Opens it and asks for its <c>nix-cache-info</c>.</summary>
    /// <exception cref="NixStoreException">
    /// NotABinaryCache, StoreDirectoryMismatch, BinaryCacheInfoCorrupt, NetrcUnreadable; BinaryCacheUnreachable, BinaryCacheTimeout,
    /// BinaryCacheTlsError, BinaryCacheAuthenticationRequired, BinaryCacheHttpError, which every other method may raise, too.
    /// </exception>
    public HttpBinaryCache(BinaryCacheUrl url, BinaryCacheOptions? options = null, CancellationToken cancellation = default)
        : this(url, options, null, cancellation)
    {
    }

    internal HttpBinaryCache(BinaryCacheUrl url, BinaryCacheOptions? options, TimeProvider? retryClock, CancellationToken cancellation)
        : base(url, options ?? new BinaryCacheOptions())
    {
        _root = new Uri(url.Text + "/");
        Transport = new HttpTransport(new HttpCredentials(new Uri(url.Place), Netrc.Load(Options.NetrcFile)), Options, retryClock);
        ConnectOrDispose(cancellation);
    }

    private protected HttpBinaryCache(BinaryCacheUrl url, BinaryCacheOptions options, Uri root, HttpTransport transport)
        : base(url, options)
    {
        _root = root;
        Transport = transport;
    }

    private protected HttpTransport Transport { get; }

    /// <inheritdoc/>
    public override byte[]? TryReadFile(string relative, int limit, CancellationToken cancellation = default)
    {
        var uri = UriOf(relative);
        try
        {
            return Transport.Get(uri, AcceptCompressed, (response, token) => ReadSmall(response, relative, limit, token), cancellation);
        }
        catch (HttpStatusException e)
        {
            return e.IsMissing ? null : throw HttpFailure.ToError(e, uri);
        }
    }

    /// <inheritdoc/>
    public override long? TryGetSize(string relative, CancellationToken cancellation = default)
    {
        var uri = UriOf(relative);
        try
        {
            return Transport.Send(
                () => new HttpRequestMessage(HttpMethod.Head, uri),
                (response, _) =>
                {
                    using (response)
                    {
                        return Task.FromResult(response.Content.Headers.ContentLength);
                    }
                },
                Transport.StallLimit, cancellation) ?? SizeByReading(uri, cancellation);
        }
        catch (HttpStatusException e) when (e.Status == HttpStatusCode.Forbidden)
        {
            // An answer to HEAD has no body that would say why.
            return TrySizeByReading(uri, cancellation);
        }
        catch (HttpStatusException e)
        {
            return e.IsMissing ? null : throw HttpFailure.ToError(e, uri);
        }
    }

    /// <inheritdoc/>
    public override Stream OpenFile(string relative, CancellationToken cancellation = default)
    {
        var uri = UriOf(relative);
        try
        {
            var body = ResumingStream.Open(Transport, uri, cancellation);
            return Decoded(body, body.ContentEncodings, uri);
        }
        catch (HttpStatusException e)
        {
            throw HttpFailure.ToError(e, uri);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Transport.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The URL of a file.</summary>
    private protected virtual Uri UriOf(string relative)
    {
        var name = CheckedName(relative);
        var uri = NarUrl.IsAbsolute(name) ? new Uri(name) : new Uri(_root, name);
        return NarUrl.IsAbsolute(name) || uri.AbsoluteUri.StartsWith(_root.AbsoluteUri, StringComparison.Ordinal)
            ? uri
            : throw new NixStoreException("InvalidBinaryCacheFile", StoreErrorKind.InvalidArgument,
                $"'{relative}' cannot be a file in a binary cache: it leads out of it.", relative);
    }

    /// <summary>Connects; a cache that cannot be connected holds nothing.</summary>
    private protected void ConnectOrDispose(CancellationToken cancellation)
    {
        try
        {
            Connect(cancellation);
        }
        catch
        {
            Transport.Dispose();
            throw;
        }
    }

    private static void AcceptCompressed(HttpRequestHeaders headers)
    {
        headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("br"));
        headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
    }

    private static Stream Decoded(Stream body, IEnumerable<string> encodings, Uri uri)
    {
        try
        {
            // The encoding named last was applied last.
            foreach (var encoding in encodings.Reverse())
            {
                var target = HttpFailure.Shown(uri);
                body = NarCompressionNames.TryParseContentEncoding(encoding, out var compression)
                    ? NarCodec.OpenDecoder(compression, body, target)
                    : throw new NixStoreException("CompressionNotSupported", StoreErrorKind.NotSupported,
                        $"'{target}' comes with the content encoding '{encoding}', which is not supported.", target);
            }

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private long? TrySizeByReading(Uri uri, CancellationToken cancellation)
    {
        try
        {
            return SizeByReading(uri, cancellation);
        }
        catch (HttpStatusException e)
        {
            return e.IsMissing ? null : throw HttpFailure.ToError(e, uri);
        }
    }

    // Some servers do not answer HEAD, or not with a length.
    private long SizeByReading(Uri uri, CancellationToken cancellation)
    {
        using var body = ResumingStream.Open(Transport, uri, cancellation);
        return body.Size ?? Count(body);
    }

    private static long Count(Stream body)
    {
        var buffer = new byte[64 << 10];
        long count = 0;
        int read;
        while ((read = body.Read(buffer)) > 0)
        {
            count += read;
        }

        return count;
    }

    private async Task<byte[]> ReadSmall(HttpResponseMessage response, string relative, int limit, CancellationToken cancellation)
    {
        using (response)
        {
            using var raw = new MemoryStream();
            using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            var buffer = new byte[16 << 10];
            int read;
            while ((read = await body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
            {
                raw.Write(buffer, 0, read);
                if (raw.Length > limit)
                {
                    throw TooLarge(relative, limit);
                }
            }

            raw.Position = 0;
            return Decompress(raw, response.Content.Headers.ContentEncoding, relative, limit);
        }
    }

    private byte[] Decompress(MemoryStream raw, ICollection<string> encodings, string relative, int limit)
    {
        if (encodings.Count == 0)
        {
            return raw.ToArray();
        }

        using var decoded = Decoded(raw, encodings, UriOf(relative));
        using var whole = new MemoryStream();
        var buffer = new byte[16 << 10];
        int read;
        while ((read = decoded.Read(buffer)) > 0)
        {
            whole.Write(buffer, 0, read);
            if (whole.Length > limit)
            {
                throw TooLarge(relative, limit);
            }
        }

        return whole.ToArray();
    }
}
