using System.Globalization;
using System.Xml;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Http;

namespace NixStore.Caches.S3;

/// <summary>
/// Lists the keys of a bucket, page by page. Each page is asked for by the last key of the one before, not by the server's token: so a listing can
/// go on after whatever has interrupted it, and a server that jumps about is found out.
/// </summary>
internal sealed class S3Listing(S3Location location, HttpTransport transport)
{
    private const int MaximumPage = 16 << 20;

    public IEnumerable<BinaryCacheFile> List(string prefix, string? after, CancellationToken cancellation)
    {
        var last = after is null ? "" : location.Prefix + after;
        while (true)
        {
            var (files, isTruncated) = ReadPage(location.Prefix + prefix, last, cancellation);
            foreach (var file in files)
            {
                if (string.CompareOrdinal(file.Name, last) <= 0)
                {
                    throw Inconsistent($"'{file.Name}' comes behind '{last}'");
                }

                last = file.Name;
                if (!file.Name.StartsWith(location.Prefix, StringComparison.Ordinal))
                {
                    throw Inconsistent($"'{file.Name}' does not begin with '{location.Prefix}'");
                }

                yield return location.Prefix.Length == 0 ? file : file with { Name = file.Name[location.Prefix.Length..] };
            }

            if (!isTruncated)
            {
                yield break;
            }

            if (files.Count == 0)
            {
                throw Inconsistent("a page is empty and not the last one");
            }
        }
    }

    private (List<BinaryCacheFile> Files, bool IsTruncated) ReadPage(string prefix, string after, CancellationToken cancellation)
    {
        var query = new List<(string, string)> { ("list-type", "2"), ("encoding-type", "url") };
        if (prefix.Length > 0)
        {
            query.Add(("prefix", prefix));
        }

        if (after.Length > 0)
        {
            query.Add(("start-after", after));
        }

        var uri = location.UriOf("", query);
        try
        {
            var page = transport.Get(uri, null, ReadBody, cancellation);
            return Parse(page);
        }
        catch (XmlException e)
        {
            throw Inconsistent($"the answer is no list: {e.Message}", e);
        }
        catch (HttpStatusException e) when (e.Code == "AccessDenied")
        {
            throw new NixStoreException("BinaryCacheListingDenied", StoreErrorKind.PermissionDenied,
                $"The bucket '{location.Bucket}' may not be listed: {e.Message}.", location.Bucket, "The credentials need the permission s3:ListBucket.", e);
        }
        catch (HttpStatusException e)
        {
            throw HttpFailure.ToError(e, uri);
        }
    }

    private async Task<byte[]> ReadBody(HttpResponseMessage response, CancellationToken cancellation)
    {
        using (response)
        {
            using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            using var whole = new MemoryStream();
            var buffer = new byte[32 << 10];
            int read;
            while ((read = await body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
            {
                whole.Write(buffer, 0, read);
                if (whole.Length > MaximumPage)
                {
                    throw Inconsistent($"a page is larger than {MaximumPage} bytes");
                }
            }

            return whole.ToArray();
        }
    }

    private (List<BinaryCacheFile> Files, bool IsTruncated) Parse(byte[] page)
    {
        var files = new List<BinaryCacheFile>();
        bool? isTruncated = null;
        var isEncoded = false;
        using var xml = S3Xml.Open(page);
        if (xml.MoveToContent() != XmlNodeType.Element || xml.LocalName != "ListBucketResult")
        {
            throw Inconsistent("the answer is no list");
        }

        xml.Read();
        while (xml.MoveToContent() == XmlNodeType.Element)
        {
            switch (xml.LocalName)
            {
                case "Contents":
                    files.Add(ParseFile(xml));
                    break;
                case "IsTruncated":
                    isTruncated = xml.ReadElementContentAsString() == "true";
                    break;
                case "EncodingType":
                    isEncoded = xml.ReadElementContentAsString() == "url";
                    break;
                default:
                    xml.Skip();
                    break;
            }
        }

        // The element that says so may come behind the keys.
        return isTruncated is not { } truncated
            ? throw Inconsistent("the answer does not say whether there is more")
            : (isEncoded ? files.ConvertAll(file => file with { Name = Decode(file.Name) }) : files, truncated);
    }

    private BinaryCacheFile ParseFile(XmlReader xml)
    {
        string? key = null, tag = null, storageClass = null, size = null, time = null;
        xml.Read();
        while (xml.MoveToContent() == XmlNodeType.Element)
        {
            switch (xml.LocalName)
            {
                case "Key":
                    key = xml.ReadElementContentAsString();
                    break;
                case "Size":
                    size = xml.ReadElementContentAsString();
                    break;
                case "LastModified":
                    time = xml.ReadElementContentAsString();
                    break;
                case "ETag":
                    tag = xml.ReadElementContentAsString().Trim('"');
                    break;
                case "StorageClass":
                    storageClass = xml.ReadElementContentAsString();
                    break;
                default:
                    xml.Skip();
                    break;
            }
        }

        xml.ReadEndElement();
        return !string.IsNullOrEmpty(key)
            && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var modified)
            ? new BinaryCacheFile(key, bytes, modified, tag, storageClass)
            : throw Inconsistent($"the entry of '{key}' lacks its size or time");
    }

    // As in an inventory: a plus sign is a space, and a plus sign in a key is %2B.
    private static string Decode(string key) => Uri.UnescapeDataString(key.Replace('+', ' '));

    private NixStoreException Inconsistent(string reason, Exception? inner = null) => new(
        "BinaryCacheListingInconsistent", StoreErrorKind.InvalidData, $"The listing of the bucket '{location.Bucket}' cannot be relied on: {reason}.",
        location.Bucket, "Try again; if it stays, use an inventory of the bucket.", inner);
}
