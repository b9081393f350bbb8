using System.Runtime.InteropServices;
using System.Xml;

namespace NixStore.Caches.Http;

/// <summary>XML as buckets answer it; what a hostile one could do with a document type is refused.</summary>
internal static class S3Xml
{
    public static XmlReader Open(ReadOnlyMemory<byte> bytes)
    {
        var stream = MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(bytes.ToArray());
        return XmlReader.Create(stream, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreWhitespace = true,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            // Keys may hold characters that XML forbids.
            CheckCharacters = false,
            CloseInput = true,
        });
    }
}
