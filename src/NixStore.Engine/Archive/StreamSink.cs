namespace NixStore.Engine.Archive;

/// <summary>Writes what it takes to a stream, which stays open. <see cref="NarSink.Flush"/> hands the rest of the buffer to the stream.</summary>
public sealed class StreamSink(Stream stream) : NarSink
{
    /// <inheritdoc/>
    protected override void Consume(ReadOnlySpan<byte> bytes) => stream.Write(bytes);
}
