using ICSharpCode.SharpZipLib.BZip2;

namespace NixStore.Caches.Compression;

/// <summary>Decompresses bzip2 without libbz2: slower, but always there.</summary>
internal sealed class ManagedBzip2DecoderStream(Stream source, string target) : ReadOnlyStream
{
    private readonly LookAheadStream _source = new(source);
    private BZip2InputStream? _frame;
    private bool _first = true;

    public override int Read(Span<byte> output)
    {
        if (output.IsEmpty)
        {
            return 0;
        }

        var buffer = new byte[Math.Min(output.Length, 64 << 10)];
        while (true)
        {
            try
            {
                if (_frame is null && !StartFrame())
                {
                    return 0;
                }

                var read = _frame!.Read(buffer, 0, buffer.Length);
                if (read > 0)
                {
                    buffer.AsSpan(0, read).CopyTo(output);
                    return read;
                }

                _frame = null;
            }
            catch (EndOfStreamException)
            {
                throw CodecException.Truncated(NarCompression.Bzip2, target);
            }
            catch (Exception e) when (e is BZip2Exception or IndexOutOfRangeException or ArgumentException)
            {
                throw CodecException.Corrupt(NarCompression.Bzip2, target, "a check sum or a structure does not match", e);
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool StartFrame()
    {
        // BZip2InputStream takes a wrong header for an empty stream.
        var header = _source.Peek(4);
        var good = header is [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9'];
        if (!good && !_first)
        {
            return header.IsEmpty ? false : throw CodecException.TrailingGarbage(NarCompression.Bzip2, target);
        }

        if (!good)
        {
            throw header.Length < 4
                ? CodecException.Truncated(NarCompression.Bzip2, target)
                : CodecException.Corrupt(NarCompression.Bzip2, target, "it is not in the bzip2 format");
        }

        _frame = new BZip2InputStream(_source) { IsStreamOwner = false };
        _first = false;
        return true;
    }
}
