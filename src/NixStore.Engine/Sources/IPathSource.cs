namespace NixStore.Engine.Sources;

/// <summary>Something that knows of paths what a store has to know of them.</summary>
public interface IPathSource
{
    /// <summary>Name for reports, normally the URL.</summary>
    string Name { get; }

    /// <summary>What the source says of <paramref name="path"/>; null when it does not have it.</summary>
    /// <exception cref="NixStoreException">The source is broken or answers nonsense; the message names it.</exception>
    SourcePath? Find(StorePath path, CancellationToken cancellation);
}
