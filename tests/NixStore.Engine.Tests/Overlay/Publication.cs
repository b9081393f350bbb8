using NixStore.Engine.Overlay.Publishing;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Overlay;

/// <summary>A publication of a lab's paths and all it tells.</summary>
internal sealed class Publication(OverlayLab lab, PublicationOptions? options = null)
{
    /// <summary>What was published, in that order.</summary>
    internal List<OverlayPublication> Published { get; } = [];

    /// <summary>Upper copies that went.</summary>
    internal List<OverlayDuplicate> Removed { get; } = [];

    /// <summary>Paths that failed, with what was said.</summary>
    internal List<(StorePath Path, NixStoreException Error)> Failures { get; } = [];

    /// <summary>Warnings.</summary>
    internal List<NixStoreException> Warnings { get; } = [];

    /// <summary>The ids of all errors.</summary>
    internal IEnumerable<string> Errors => Failures.Select(failure => failure.Error.ErrorId);

    /// <summary>Publishes.</summary>
    internal Publication Run(params IReadOnlyCollection<StorePath> paths) => RunOn(lab.Location, paths);

    /// <summary>Publishes from another description of the same store.</summary>
    internal Publication RunOn(StoreLocation store, params IReadOnlyCollection<StorePath> paths)
    {
        using var publisher = OverlayPublisher.Open(
            store, options ?? new PublicationOptions(), Published.Add, (path, error) => Failures.Add((path, error)), Removed.Add, Warnings.Add,
            CancellationToken.None);
        publisher.Publish(paths, CancellationToken.None);
        return this;
    }
}
