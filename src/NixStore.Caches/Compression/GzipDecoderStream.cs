using System.Buffers.Binary;
using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.Checksum;
using ICSharpCode.SharpZipLib.Zip.Compression;

namespace NixStore.Caches.Compression;

/// <summary>
/// Decompresses gzip members (RFC 1952) with SharpZipLib's inflater. Not with GZipStream: it takes truncated data for complete
/// and ignores what follows (seen with .NET 10), and tells nobody how far it has read.
/// </summary>
internal sealed class GzipDecoderStream(Stream source, string target) : ReadOnlyStream
{
    // The inflater may hold a few bytes that belong to what follows; they must be found again in front of the next block.
    private const int History = 8;

    private readonly byte[] _buffer = new byte[History + (64 << 10)];
    private readonly Inflater _inflater = new(noHeader: true);
    private readonly Crc32 _crc = new();
    private byte[] _chunk = [];
    private int _position = History;
    private int _length = History;
    private bool _inMember;
    private bool _first = true;

    public override int Read(Span<byte> output)
    {
        if (output.IsEmpty)
        {
            return 0;
        }

        if (_chunk.Length < Math.Min(output.Length, 64 << 10))
        {
            _chunk = new byte[Math.Min(output.Length, 64 << 10)];
        }

        while (_inMember || StartMember())
        {
            var count = Inflate(Math.Min(output.Length, _chunk.Length));
            if (count > 0)
            {
                _crc.Update(new ArraySegment<byte>(_chunk, 0, count));
                _chunk.AsSpan(0, count).CopyTo(output);
                return count;
            }

            if (_inflater.IsFinished)
            {
                EndMember();
            }
            else if (_inflater.IsNeedingDictionary || !_inflater.IsNeedingInput)
            {
                throw Corrupt("its deflate data does not make sense");
            }
            else if (!Fill())
            {
                throw Truncated();
            }
            else
            {
                _inflater.SetInput(_buffer, _position, _length - _position);
                _position = _length;
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Inflate(int count)
    {
        try
        {
            return _inflater.Inflate(_chunk, 0, count);
        }
        catch (Exception e) when (e is SharpZipBaseException or IndexOutOfRangeException or ArgumentException or InvalidOperationException)
        {
            throw CodecException.Corrupt(NarCompression.Gzip, target, "its deflate data does not make sense", e);
        }
    }

    private bool StartMember()
    {
        if (_position == _length && !Fill())
        {
            return _first ? throw Truncated() : false;
        }

        if (Next() != 0x1f || (_position == _length && !Fill() && !_first) || Next() != 0x8b)
        {
            throw _first ? Corrupt("it is not in the gzip format") : CodecException.TrailingGarbage(NarCompression.Gzip, target);
        }

        SkipHeader();
        _inflater.Reset();
        _inflater.SetInput(_buffer, _position, _length - _position);
        _position = _length;
        _crc.Reset();
        (_inMember, _first) = (true, false);
        return true;
    }

    private void SkipHeader()
    {
        const int HasCrc = 2, HasExtra = 4, HasName = 8, HasComment = 16, Reserved = 0xe0;
        var method = Next();
        var flags = Next();
        if (method != 8 || (flags & Reserved) != 0)
        {
            throw Corrupt("its header names an unknown method");
        }

        Skip(6);
        if ((flags & HasExtra) != 0)
        {
            Skip(Next() | (Next() << 8));
        }

        foreach (var flag in (ReadOnlySpan<int>)[HasName, HasComment])
        {
            while ((flags & flag) != 0 && Next() != 0)
            {
            }
        }

        Skip((flags & HasCrc) != 0 ? 2 : 0);
    }

    private void EndMember()
    {
        _position = _length - _inflater.RemainingInput;
        Span<byte> trailer = stackalloc byte[8];
        for (var i = 0; i < trailer.Length; i++)
        {
            trailer[i] = (byte)Next();
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != (uint)_crc.Value
            || BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) != (uint)_inflater.TotalOut)
        {
            throw Corrupt("its check sum does not match");
        }

        _inMember = false;
    }

    private void Skip(int count)
    {
        while (count-- > 0)
        {
            _ = Next();
        }
    }

    private int Next()
    {
        if (_position == _length && !Fill())
        {
            throw Truncated();
        }

        return _buffer[_position++];
    }

    private bool Fill()
    {
        Buffer.BlockCopy(_buffer, _length - History, _buffer, 0, History);
        _position = History;
        _length = History + source.Read(_buffer, History, _buffer.Length - History);
        return _length > History;
    }

    private CodecException Truncated() => CodecException.Truncated(NarCompression.Gzip, target);

    private CodecException Corrupt(string detail) => CodecException.Corrupt(NarCompression.Gzip, target, detail);
}
