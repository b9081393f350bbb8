namespace NixStore;

/// <summary>What Publish-OverlayStorePath did with a path.</summary>
public sealed class OverlayPublication
{
    /// <summary>URL of the overlay store.</summary>
    public required string Store { get; init; }

    /// <summary>URL of the lower store, in which the path is valid now.</summary>
    public required string LowerStore { get; init; }

    /// <summary>The full logical path.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes of its NAR.</summary>
    public long NarSize { get; init; }

    /// <summary>How it came into the lower store.</summary>
    public PublicationMethod Method { get; init; }

    /// <summary>True when it was named, false when it came along because another path needs it.</summary>
    public bool IsRequested { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Method}";
}
