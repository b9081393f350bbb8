namespace NixStore.Engine.Archive;

/// <summary>Gives everything to several sinks, in order, from one buffer. The sinks stay the caller's, to ask and to dispose.</summary>
public sealed class TeeSink(params NarSink[] sinks) : NarSink
{
    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        foreach (var sink in sinks)
        {
            sink.Reset();
        }
    }

    /// <inheritdoc/>
    protected override void Consume(ReadOnlySpan<byte> bytes)
    {
        foreach (var sink in sinks)
        {
            sink.Flush();
            sink.Deliver(bytes);
        }
    }
}
