using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Mounting;

/// <summary>Where everything of a new overlay store is to be.</summary>
/// <param name="Store">The store as its user names it.</param>
/// <param name="Made">The same as it is reached from here, below its root: what is made.</param>
/// <param name="Root">The directory it is made in.</param>
/// <param name="WorkDirectory">The kernel's scratch directory.</param>
/// <param name="MakesHook">True when the remount hook is a script of ours.</param>
internal sealed record OverlayLayout(StoreLocation Store, StoreLocation Made, string Root, string WorkDirectory, bool MakesHook)
{
    internal OverlayLayers Layers => Made.Overlay!;

    internal OverlayDescription Description => new(Store.Url, Root, WorkDirectory);
}
