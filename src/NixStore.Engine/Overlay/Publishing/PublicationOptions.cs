namespace NixStore.Engine.Overlay.Publishing;

/// <summary>How paths are published.</summary>
public sealed record PublicationOptions
{
    /// <summary>True to bring what the paths need along; otherwise that must be valid in the lower store.</summary>
    public bool WithClosure { get; init; } = true;

    /// <summary>True to remove the upper copies of what the lower store has then, proved.</summary>
    public bool RemovesFromUpper { get; init; }

    /// <summary>Paths at once.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>How many paths are made durable and registered together.</summary>
    internal int BatchPaths { get; init; } = 256;

    /// <summary>As many paths as have so many bytes together, or one that has more.</summary>
    internal long BatchBytes { get; init; } = 256 << 20;
}
