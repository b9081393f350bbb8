using System.Text;
using NixStore.Caches.Compression;
using NixStore.Caches.Http;

namespace NixStore.Catalog.Roots;

/// <summary>A text of lines in a file or on a web server, plain or compressed. What it is compressed with it says itself; for brotli, its name does.</summary>
public sealed class RootDocument
{
    /// <summary>No store path is near that long.</summary>
    internal const int LongestLine = 4096;

    private const long LargestText = 1L << 30;
    private readonly long _limit;

    private RootDocument(string source, long limit)
    {
        Source = source;
        _limit = limit;
    }

    /// <summary>Its path or address; fit for reports, as it has no password.</summary>
    internal string Source { get; }

    /// <summary>Gives its lines without their ends, in Latin 1: whatever is no ASCII is no part of a store path.</summary>
    /// <param name="address">A path, or <c>http(s)://…</c>.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="limit">Bytes that are read at most when decompressed.</param>
    /// <exception cref="NixStoreException">
    /// RootListNotFound, RootListUnreadable, RootListCorrupt, RootListTooLarge, RootAddressNotSupported; errors of the codecs and the way.
    /// </exception>
    internal static IEnumerable<(long Number, string Text)> Read(string address, CancellationToken cancellation, long limit = LargestText)
        => new RootDocument(NameOf(address), limit).Lines(address, cancellation);

    /// <summary>How it is called: an address without user and password.</summary>
    /// <exception cref="NixStoreException">RootAddressNotSupported</exception>
    public static string NameOf(string address)
    {
        if (!address.Contains("://", StringComparison.Ordinal))
        {
            return Path.GetFullPath(address);
        }

        if (Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            return uri.UserInfo.Length == 0 ? address : uri.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped);
        }

        throw new NixStoreException("RootAddressNotSupported", StoreErrorKind.NotSupported, $"'{RootErrors.Show(address)}' cannot be read from.", RootErrors.Show(address),
            "Give a path, or an address that begins with http:// or https://.");
    }

    private IEnumerable<(long Number, string Text)> Lines(string address, CancellationToken cancellation)
    {
        using var stream = Decode(Open(address, cancellation), address);
        var buffer = new byte[64 << 10];
        var (start, end, total, number) = (0, 0, 0L, 0L);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var read = Read(stream, buffer.AsSpan(end));
            total += read;
            end += read;
            if (total > _limit)
            {
                throw new NixStoreException("RootListTooLarge", StoreErrorKind.NotSupported, $"'{Source}' has more than {ByteSize.Format(_limit)} of text.", Source, "Check that it is the right file.");
            }

            int length;
            while ((length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n')) >= 0)
            {
                yield return (++number, Line(buffer.AsSpan(start, length), number));
                start += length + 1;
            }

            if (read == 0)
            {
                break;
            }

            if (end - start > LongestLine)
            {
                _ = Line(buffer.AsSpan(start, end - start), number + 1);
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        if (end > start)
        {
            yield return (++number, Line(buffer.AsSpan(start, end - start), number));
        }
    }

    private string Line(ReadOnlySpan<byte> bytes, long number)
    {
        var text = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, LongestLine)]);
        return bytes.Length <= LongestLine ? text : throw RootErrors.Line(Source, number, text, $"it is longer than {LongestLine} bytes");
    }

    private Stream Open(string address, CancellationToken cancellation)
    {
        if (address.Contains("://", StringComparison.Ordinal))
        {
            return WebFile.Open(address, cancellation: cancellation);
        }

        try
        {
            return new FileStream(address, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NixStoreException("RootListNotFound", StoreErrorKind.NotFound, $"There is no file '{Source}'.", Source, "Check the path.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(error);
        }
    }

    private Stream Decode(Stream stream, string address)
    {
        try
        {
            return DetectedCompression.OpenDecoder(stream, address.Contains("://", StringComparison.Ordinal) ? new Uri(address).AbsolutePath : address, Source);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(error);
        }
    }

    private int Read(Stream stream, Span<byte> buffer)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(error);
        }
    }

    private NixStoreException Unreadable(Exception error) => new("RootListUnreadable",
        error is UnauthorizedAccessException ? StoreErrorKind.PermissionDenied : StoreErrorKind.ReadError, $"'{Source}' cannot be read: {error.Message}", Source, null, error);
}
