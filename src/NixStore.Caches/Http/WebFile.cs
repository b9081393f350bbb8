using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Compression;

namespace NixStore.Caches.Http;

/// <summary>A file on a web server that is no binary cache's: retried, resumed and let in by a netrc file as those are.</summary>
public static class WebFile
{
    /// <summary>Opens it. The stream gives the bytes of the file as it is on the server: only what was encoded for the way is decoded.</summary>
    /// <param name="url"><c>http://…</c> or <c>https://…</c>; redirections are followed.</param>
    /// <param name="options">Time-outs, attempts and passwords.</param>
    /// <param name="cancellation">Stops waiting, also while the stream is read.</param>
    /// <exception cref="NixStoreException">
    /// InvalidWebAddress, WebFileNotFound, NetrcUnreadable; those of <see cref="HttpBinaryCache"/>, also while it is read.
    /// </exception>
    public static Stream Open(string url, BinaryCacheOptions? options = null, CancellationToken cancellation = default)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new NixStoreException("InvalidWebAddress", StoreErrorKind.InvalidArgument, $"'{url}' is no address of a web server.", url, "Write for example https://channels.nixos.org/nixos-unstable/store-paths.xz.");
        }

        options ??= new BinaryCacheOptions();
        var transport = new HttpTransport(new HttpCredentials(uri, Netrc.Load(options.NetrcFile)), options);
        try
        {
            var body = ResumingStream.Open(transport, uri, cancellation);
            return new Body(transport, Decode(body, body.ContentEncodings, uri));
        }
        catch (Exception error)
        {
            transport.Dispose();
            throw error is HttpStatusException refused ? ToError(refused, uri) : error;
        }
    }

    private static NixStoreException ToError(HttpStatusException refused, Uri uri) => refused.IsMissing
        ? new NixStoreException("WebFileNotFound", StoreErrorKind.NotFound, $"'{HttpFailure.Shown(uri)}' does not exist: {refused.Message}.", HttpFailure.Shown(uri), "Check the address.", refused)
        : HttpFailure.ToError(refused, uri);

    private static Stream Decode(Stream body, IEnumerable<string> encodings, Uri uri)
    {
        // The encoding named last was applied last.
        foreach (var encoding in encodings.Reverse())
        {
            var target = HttpFailure.Shown(uri);
            if (!NarCompressionNames.TryParseContentEncoding(encoding, out var compression))
            {
                body.Dispose();
                throw new NixStoreException("CompressionNotSupported", StoreErrorKind.NotSupported,
                    $"'{target}' comes with the content encoding '{encoding}', which is not supported.", target);
            }

            body = NarCodec.OpenDecoder(compression, body, target);
        }

        return body;
    }

    /// <summary>Has the connection for as long as it is read.</summary>
    private sealed class Body(HttpTransport transport, Stream stream) : ReadOnlyStream
    {
        public override int Read(Span<byte> output) => stream.Read(output);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                stream.Dispose();
                transport.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
