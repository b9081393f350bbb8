using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay;

/// <summary>Makes the objects that tell of overlay stores.</summary>
public static class OverlayStoreFactory
{
    /// <summary>The feature that every overlay store needs.</summary>
    internal const string OverlayFeature = "local-overlay-store";

    private const string ReadOnlyFeature = "read-only-local-store";

    /// <summary>Tells of a store as it is now.</summary>
    /// <param name="store">An overlay store.</param>
    /// <exception cref="NixStoreException">OverlayDescriptionInvalid</exception>
    /// <exception cref="StoreIOException"/>
    public static OverlayStore Create(StoreLocation store) => Create(store, OverlayDescription.TryRead(store));

    /// <summary>As the other, for who has the description: it may be where the store is called otherwise.</summary>
    internal static OverlayStore Create(StoreLocation store, OverlayDescription? description)
    {
        var (layers, mount) = (store.Overlay!, OverlayMount.FindTop(store));
        var root = OverlayForm.RootOf(store);
        var features = FeaturesOf(store);
        return new OverlayStore
        {
            Store = store.Url,
            Root = root,
            Path = root ?? description?.Path,
            Directory = store.Directory.Path,
            RealDirectory = store.RealDirectory,
            StateDirectory = store.StateDirectory,
            LowerStore = layers.LowerUrl,
            LowerDirectory = layers.Lower.RealDirectory,
            UpperLayer = layers.UpperLayer,
            WorkDirectory = mount?.PlacesOf("workdir").FirstOrDefault() ?? description?.WorkDirectory,
            RemountHook = layers.RemountHook,
            ChecksMount = layers.ChecksMount,
            IsMounted = mount is not null,
            MountOptions = mount?.Options,
            ExperimentalFeatures = features,
            NixConf = [$"extra-experimental-features = {string.Join(' ', features)}", $"store = {store.Url}"],
        };
    }

    /// <summary>The features without which Nix refuses the store.</summary>
    internal static IReadOnlyList<string> FeaturesOf(StoreLocation store)
        => store.Overlay!.Lower.IsReadOnly ? [OverlayFeature, ReadOnlyFeature] : [OverlayFeature];
}
