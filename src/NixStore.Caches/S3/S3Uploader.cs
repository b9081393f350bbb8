using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using NixStore.Caches.Http;

namespace NixStore.Caches.S3;

/// <summary>Puts objects into a bucket, in one request or in parts. The hash of what is sent is signed, so that nothing else can arrive.</summary>
internal sealed class S3Uploader(S3Location location, HttpTransport transport)
{
    /// <summary>The largest object that S3 takes in one request.</summary>
    private const long MaximumSinglePut = 5L << 30;

    private const int MaximumParts = 10_000;

    /// <summary>Whoever is slower than this, in bytes a second, is taken for stalled.</summary>
    private const double SlowestRate = 64 << 10;

    /// <summary>Puts a small object.</summary>
    /// <exception cref="NixStoreException">BinaryCacheWriteFailed, BucketNotFound, BinaryCacheCredentialsRefused; errors of the way there.</exception>
    public void PutSmall(string key, string mediaType, string? encoding, byte[] bytes, CancellationToken cancellation)
        => Put(key, mediaType, encoding, () => new MemoryStream(bytes, writable: false), bytes.Length, SHA256.HashData(bytes), cancellation);

    /// <summary>Puts a file, in parts when it is large and these are wanted, or when it cannot be done otherwise.</summary>
    /// <exception cref="NixStoreException">BinaryCacheWriteFailed, BucketNotFound, BinaryCacheCredentialsRefused; errors of the way there.</exception>
    public void PutFile(string key, string mediaType, FileStream file, ReadOnlySpan<byte> sha256, CancellationToken cancellation)
    {
        var length = file.Length;
        if (length > MaximumSinglePut || (location.Parameters.MultipartUpload && length > location.Parameters.MultipartThreshold))
        {
            PutParts(key, mediaType, file, length, cancellation);
        }
        else
        {
            Put(key, mediaType, null, () => new FilePart(file, 0, length), length, sha256.ToArray(), cancellation);
        }
    }

    private void Put(
        string key, string mediaType, string? encoding, Func<Stream> open, long length, byte[] sha256, CancellationToken cancellation)
    {
        var uri = location.UriOf(key);
        Send(uri, HttpMethod.Put, open, length, sha256, request => Describe(request, mediaType, encoding), static (_, _) => Task.FromResult(0), cancellation);
    }

    private void PutParts(string key, string mediaType, FileStream file, long length, CancellationToken cancellation)
    {
        var chunk = Math.Max(location.Parameters.ChunkSize, (length + MaximumParts - 1) / MaximumParts);
        var id = Begin(key, mediaType, cancellation);
        try
        {
            var tags = new List<string>();
            for (long offset = 0; offset < length; offset += chunk)
            {
                tags.Add(PutPart(key, id, tags.Count + 1, file, offset, Math.Min(chunk, length - offset), cancellation));
            }

            Complete(key, id, tags, length, cancellation);
        }
        catch
        {
            Abort(key, id);
            throw;
        }
    }

    private string Begin(string key, string mediaType, CancellationToken cancellation)
    {
        var uri = location.UriOf(key, ("uploads", ""));
        var answer = Send(uri, HttpMethod.Post, () => Stream.Null, 0, [], request => Describe(request, mediaType, null), ReadAll, cancellation);
        return Element(answer, "UploadId") ?? throw Failed(uri, "the server gave no id for the parts", StoreErrorKind.WriteError);
    }

    private string PutPart(string key, string id, int number, FileStream file, long offset, long length, CancellationToken cancellation)
    {
        var uri = location.UriOf(key, ("partNumber", number.ToString(CultureInfo.InvariantCulture)), ("uploadId", id));
        using var part = new FilePart(file, offset, length);
        return Send(
            uri, HttpMethod.Put, () => new FilePart(file, offset, length), length, SHA256.HashData(part), null,
            (response, _) => Task.FromResult(response.Headers.ETag?.ToString()), cancellation)
            ?? throw Failed(uri, "the server gave no tag for a part", StoreErrorKind.WriteError);
    }

    private void Complete(string key, string id, List<string> tags, long length, CancellationToken cancellation)
    {
        var list = new StringBuilder("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        for (var i = 0; i < tags.Count; i++)
        {
            list.Append(CultureInfo.InvariantCulture, $"<Part><PartNumber>{i + 1}</PartNumber><ETag>{WebUtility.HtmlEncode(tags[i])}</ETag></Part>");
        }

        var body = Encoding.UTF8.GetBytes(list.Append("</CompleteMultipartUpload>").ToString());
        var uri = location.UriOf(key, ("uploadId", id));
        try
        {
            transport.Send(
                () => Make(uri, HttpMethod.Post, () => new MemoryStream(body, writable: false), body.Length, SHA256.HashData(body), null),
                async (response, token) =>
                {
                    // It answers 200 before it is done, and says in the body when it could not do it.
                    var answer = await ReadAll(response, token).ConfigureAwait(false);
                    return S3ErrorBody.TryParse(answer) is { } error ? throw new HttpStatusException(HttpStatusCode.InternalServerError, null, null, error) : 0;
                },
                Limit(body.Length), cancellation);
        }
        catch (HttpStatusException e) when (e.Code == "NoSuchUpload" && SizeOf(key, cancellation) == length)
        {
            // An earlier attempt has completed it, and only its answer was lost.
        }
        catch (HttpStatusException e)
        {
            throw ToError(e, uri);
        }
    }

    // Parts that nobody completes cost money; should this fail, too, the bucket's lifecycle is left.
    private void Abort(string key, string id)
    {
        try
        {
            Send(location.UriOf(key, ("uploadId", id)), HttpMethod.Delete, null, 0, [], null, static (_, _) => Task.FromResult(0), CancellationToken.None);
        }
        catch (NixStoreException)
        {
            // What went wrong before is what is to be told.
        }
    }

    private long? SizeOf(string key, CancellationToken cancellation)
    {
        try
        {
            return transport.Send(
                () => new HttpRequestMessage(HttpMethod.Head, location.UriOf(key)),
                (response, _) => Task.FromResult(response.Content.Headers.ContentLength), transport.StallLimit, cancellation);
        }
        catch (HttpStatusException)
        {
            return null;
        }
    }

    private T Send<T>(
        Uri uri, HttpMethod method, Func<Stream>? open, long length, byte[] sha256, Action<HttpRequestMessage>? prepare,
        Func<HttpResponseMessage, CancellationToken, Task<T>> consume, CancellationToken cancellation)
    {
        try
        {
            return transport.Send(
                () => Make(uri, method, open, length, sha256, prepare),
                async (response, token) =>
                {
                    using (response)
                    {
                        return await consume(response, token).ConfigureAwait(false);
                    }
                },
                Limit(length), cancellation);
        }
        catch (HttpStatusException e)
        {
            throw ToError(e, uri);
        }
    }

    private static HttpRequestMessage Make(
        Uri uri, HttpMethod method, Func<Stream>? open, long length, byte[] sha256, Action<HttpRequestMessage>? prepare)
    {
        var request = new HttpRequestMessage(method, uri);
        if (open is not null)
        {
            request.Content = new StreamContent(open(), 128 << 10);
            request.Content.Headers.ContentLength = length;
        }

        if (sha256.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("x-amz-content-sha256", SignatureV4.Hex(sha256));
        }

        prepare?.Invoke(request);
        return request;
    }

    private void Describe(HttpRequestMessage request, string mediaType, string? encoding)
    {
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        if (encoding is not null)
        {
            request.Content.Headers.ContentEncoding.Add(encoding);
        }

        if (location.Parameters.StorageClass is { } storageClass)
        {
            request.Headers.TryAddWithoutValidation("x-amz-storage-class", storageClass);
        }
    }

    private TimeSpan Limit(long length)
        => transport.StallLimit == Timeout.InfiniteTimeSpan ? transport.StallLimit : transport.StallLimit + TimeSpan.FromSeconds(length / SlowestRate);

    private static async Task<byte[]> ReadAll(HttpResponseMessage response, CancellationToken cancellation)
        => await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);

    private static string? Element(byte[] answer, string name)
    {
        try
        {
            using var xml = S3Xml.Open(answer);
            return xml.ReadToFollowing(name, "http://s3.amazonaws.com/doc/2006-03-01/") ? xml.ReadElementContentAsString() : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static NixStoreException ToError(HttpStatusException e, Uri uri) => e.IsRefusal || e.Code == "NoSuchBucket" || e.Status == HttpStatusCode.MovedPermanently
        ? HttpFailure.ToError(e, uri)
        : Failed(uri, e.Message, e.Status == HttpStatusCode.Forbidden ? StoreErrorKind.PermissionDenied : StoreErrorKind.WriteError, e);

    private static NixStoreException Failed(Uri uri, string reason, StoreErrorKind kind, Exception? inner = null)
    {
        var target = HttpFailure.Shown(uri);
        return new NixStoreException("BinaryCacheWriteFailed", kind, $"'{target}' could not be written: {reason}.", target,
            kind == StoreErrorKind.PermissionDenied ? "The credentials need the permission s3:PutObject." : null, inner);
    }
}
