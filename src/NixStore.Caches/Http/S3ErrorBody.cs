using System.Xml;

namespace NixStore.Caches.Http;

/// <summary>What a bucket says besides the status: <c>&lt;Error&gt;&lt;Code&gt;…</c>. Buckets are read over plain https, too, so every answer is looked at.</summary>
/// <param name="Code">For example <c>SlowDown</c> or <c>SignatureDoesNotMatch</c>.</param>
/// <param name="Message">For people; may be empty.</param>
internal sealed record S3ErrorBody(string Code, string Message)
{
    private const int MaximumLength = 64 << 10;

    /// <summary>Reads it; null when the answer has none.</summary>
    public static async Task<S3ErrorBody?> TryRead(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentType?.MediaType is not ("application/xml" or "text/xml"))
        {
            return null;
        }

        try
        {
            using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            var bytes = new byte[MaximumLength];
            var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            return TryParse(bytes.AsMemory(0, length));
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // The status alone says enough.
            return null;
        }
    }

    /// <summary>Parses it; null when it is something else.</summary>
    public static S3ErrorBody? TryParse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var xml = S3Xml.Open(bytes);
            if (xml.MoveToContent() != XmlNodeType.Element || xml.LocalName != "Error")
            {
                return null;
            }

            string? code = null;
            var message = "";
            xml.Read();
            while (xml.MoveToContent() == XmlNodeType.Element)
            {
                switch (xml.LocalName)
                {
                    case "Code":
                        code = xml.ReadElementContentAsString();
                        break;
                    case "Message":
                        message = xml.ReadElementContentAsString();
                        break;
                    default:
                        xml.Skip();
                        break;
                }
            }

            return string.IsNullOrEmpty(code) ? null : new S3ErrorBody(code, message);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Message.Length == 0 ? Code : $"{Code}: {Message}";
}
