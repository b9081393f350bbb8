namespace NixStore.Engine.Sources;

/// <summary>
/// Something that may be able to give the contents of a store path: a binary cache, another local store, a leftover.
/// What it gives is never believed: the caller hashes it.
/// </summary>
/// <remarks>Implementations are safe to use from several threads at once.</remarks>
public interface IContentSource : IPathSource, IDisposable
{
    /// <summary>Opens the uncompressed NAR of a path that <see cref="IPathSource.Find"/> gave.</summary>
    /// <exception cref="NixStoreException">The source cannot give it.</exception>
    Stream OpenNar(SourcePath path, CancellationToken cancellation);
}

/// <summary>A path as a source offers it.</summary>
/// <param name="Info">The metadata, parsed; not to be trusted without a signature.</param>
/// <param name="Location">What the source itself needs to find the NAR (a URL or a directory).</param>
/// <param name="DownloadSize">Bytes to fetch, if known.</param>
public sealed record SourcePath(ValidPathInfo Info, string Location, long? DownloadSize);
