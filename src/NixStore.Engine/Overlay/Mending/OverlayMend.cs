namespace NixStore.Engine.Overlay.Mending;

/// <summary>One change that puts something of an overlay store right. Whoever applies it looks again first: what is right by now stays.</summary>
/// <param name="action">What it does.</param>
/// <param name="path">Full logical path of the store path, or the file or directory, that it changes.</param>
/// <param name="detail">What it does, in one sentence.</param>
internal abstract class OverlayMend(OverlayRepairAction action, string path, string detail)
{
    /// <summary>What it does.</summary>
    internal OverlayRepairAction Action { get; } = action;

    /// <summary>What it changes.</summary>
    internal string Path { get; } = path;

    /// <summary>What it does, in one sentence for people.</summary>
    internal string Detail { get; } = detail;

    /// <summary>Does it, whole or not at all.</summary>
    /// <exception cref="NixStoreException"/>
    /// <exception cref="OperationCanceledException"/>
    internal abstract void Apply(MendedOverlay store, CancellationToken cancellation);
}
