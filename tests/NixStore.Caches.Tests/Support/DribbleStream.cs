namespace NixStore.Caches.Tests.Support;

/// <summary>Gives a few bytes at a time, as a network may.</summary>
internal sealed class DribbleStream(byte[] bytes, int step) : MemoryStream(bytes)
{
    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, step));

    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, step)]);
}
