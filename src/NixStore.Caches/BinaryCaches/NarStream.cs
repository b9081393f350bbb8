using NixStore.Caches.Compression;
using NixStore.Caches.Narinfo;

namespace NixStore.Caches.BinaryCaches;

/// <summary>
/// A decompressed NAR that is exactly as long as its narinfo says. The end of the file behind it is looked for before the
/// NAR's last bytes are given out, because whoever parses a NAR stops there.
/// </summary>
internal sealed class NarStream(Stream source, NarInfo narInfo, string target, CancellationToken cancellation) : ReadOnlyStream
{
    private long _left = narInfo.Info.NarSize;

    public override int Read(Span<byte> output)
    {
        cancellation.ThrowIfCancellationRequested();
        var wanted = (int)Math.Min(output.Length, _left);
        if (wanted == 0)
        {
            return 0;
        }

        var read = source.Read(output[..wanted]);
        if (read == 0)
        {
            throw new NixStoreException("NarTooShort", StoreErrorKind.InvalidData,
                $"The NAR in '{target}' ends {_left} bytes before the {narInfo.Info.NarSize} that its narinfo promises.", target, "Take the path from another source.");
        }

        _left -= read;
        if (_left == 0)
        {
            ExpectEnd();
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private void ExpectEnd()
    {
        Span<byte> surplus = stackalloc byte[1];
        if (source.Read(surplus) > 0)
        {
            throw new NixStoreException("NarTooLong", StoreErrorKind.InvalidData,
                $"The NAR in '{target}' is longer than the {narInfo.Info.NarSize} bytes that its narinfo promises.", target, "Take the path from another source.");
        }
    }
}
