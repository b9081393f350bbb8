namespace NixStore.Engine.Tests.Support;

/// <summary>Gives a few bytes at a time, as networks do, and no byte that was not asked for.</summary>
internal sealed class TricklingStream(byte[] bytes, int step = 1) : MemoryStream(bytes)
{
    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, step));

    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, step)]);
}
