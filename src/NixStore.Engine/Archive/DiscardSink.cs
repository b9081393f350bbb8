namespace NixStore.Engine.Archive;

/// <summary>Counts bytes and drops them: for the size of an archive, or to walk a tree for its observer only.</summary>
public sealed class DiscardSink : NarSink
{
    /// <inheritdoc/>
    protected override void Consume(ReadOnlySpan<byte> bytes)
    {
    }
}
