using System.Buffers;
using System.Globalization;
using System.Text;

namespace NixStore.Engine.Archive;

/// <summary>
/// Writes a listing as the <c>.ls</c> file of a binary cache, byte for byte as Nix 2.34 does: JSON without spaces, keys sorted,
/// <c>executable</c> only when true (STORE-SPEC §8).
/// </summary>
public static class NarListingWriter
{
    /// <summary>The JSON document.</summary>
    /// <exception cref="NixStoreException">NameNotUtf8: JSON cannot hold such a name or target (Nix fails on it as well).</exception>
    public static byte[] Write(NarListing listing)
    {
        var json = new ArrayBufferWriter<byte>(4096);
        json.Write("{\"root\":"u8);
        WriteTree(json, listing.Root);
        json.Write(",\"version\":1}"u8);
        return json.WrittenSpan.ToArray();
    }

    private static void WriteTree(ArrayBufferWriter<byte> json, NarListingEntry root)
    {
        // Each directory that is open; not by recursion, since a tree may be deeper than a thread's stack.
        var open = new Stack<(IEnumerator<KeyValuePair<ByteString, NarListingEntry>> Entries, bool IsFirst)>();
        Begin(json, root, open);
        while (open.TryPop(out var directory))
        {
            if (!directory.Entries.MoveNext())
            {
                json.Write("},\"type\":\"directory\"}"u8);
                continue;
            }

            if (!directory.IsFirst)
            {
                json.Write(","u8);
            }

            var (name, entry) = directory.Entries.Current;
            WriteString(json, name);
            json.Write(":"u8);
            open.Push((directory.Entries, false));
            Begin(json, entry, open);
        }
    }

    private static void Begin(
        ArrayBufferWriter<byte> json, NarListingEntry entry, Stack<(IEnumerator<KeyValuePair<ByteString, NarListingEntry>>, bool)> open)
    {
        switch (entry)
        {
            case NarListingEntry.Directory directory:
                json.Write("{\"entries\":{"u8);
                open.Push((directory.Entries.GetEnumerator(), true));
                break;
            case NarListingEntry.Regular file:
                json.Write(file.IsExecutable ? "{\"executable\":true"u8 : "{"u8);
                if (file.NarOffset is { } offset)
                {
                    var comma = file.IsExecutable ? "," : "";
                    Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{comma}\"narOffset\":{offset}"), json);
                }

                var separator = file.IsExecutable || file.NarOffset is not null ? "," : "";
                Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{separator}\"size\":{file.Size},\"type\":\"regular\"}}"), json);
                break;
            case NarListingEntry.Link link:
                json.Write("{\"target\":"u8);
                WriteString(json, link.Target);
                json.Write(",\"type\":\"symlink\"}"u8);
                break;
        }
    }

    private static void WriteString(ArrayBufferWriter<byte> json, ByteString text)
    {
        if (!text.IsUtf8)
        {
            throw new NixStoreException("NameNotUtf8", StoreErrorKind.NotSupported,
                $"A listing cannot be written: '{text}' is not UTF-8, which JSON demands.", text.ToString());
        }

        json.Write("\""u8);
        foreach (var b in text.Span)
        {
            switch (b)
            {
                case (byte)'"':
                    json.Write("\\\""u8);
                    break;
                case (byte)'\\':
                    json.Write("\\\\"u8);
                    break;
                case (byte)'\n':
                    json.Write("\\n"u8);
                    break;
                case (byte)'\r':
                    json.Write("\\r"u8);
                    break;
                case (byte)'\t':
                    json.Write("\\t"u8);
                    break;
                case (byte)'\b':
                    json.Write("\\b"u8);
                    break;
                case (byte)'\f':
                    json.Write("\\f"u8);
                    break;
                case < 0x20:
                    Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)b:x4}"), json);
                    break;
                default:
                    json.Write([b]);
                    break;
            }
        }

        json.Write("\""u8);
    }
}
