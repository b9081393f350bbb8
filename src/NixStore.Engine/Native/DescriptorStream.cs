namespace NixStore.Engine.Native;

/// <summary>
/// A descriptor as a stream, for what takes streams only: errors are <see cref="StoreIOException"/>s, and no lock is taken, as .NET's own
/// stream would. The descriptor stays open.
/// </summary>
/// <param name="file">The file, read or written from its current position on.</param>
/// <param name="skip">How many of the first bytes that are written are left out.</param>
internal sealed class DescriptorStream(FileDescriptor file, int skip = 0) : Stream
{
    private int _skip = skip;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer) => Posix.Read(file, buffer);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var left = Math.Min(_skip, buffer.Length);
        _skip -= left;
        Posix.WriteAll(file, buffer[left..]);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
