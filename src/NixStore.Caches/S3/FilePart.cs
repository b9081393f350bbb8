using NixStore.Caches.Compression;

namespace NixStore.Caches.S3;

/// <summary>A range of a file that stays open; several can be read at once.</summary>
internal sealed class FilePart(FileStream file, long offset, long length) : ReadOnlyStream
{
    private long _position;

    public override int Read(Span<byte> output)
    {
        var wanted = (int)Math.Min(output.Length, length - _position);
        var read = wanted == 0 ? 0 : RandomAccess.Read(file.SafeFileHandle, output[..wanted], offset + _position);
        _position += read;
        return read;
    }
}
