using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay;

/// <summary>
/// The two forms of one overlay store: relocated, below a root that its URL names, and physical, at /nix, where <c>ROOT/nix</c> is bind-mounted.
/// Both have the same files.
/// </summary>
internal static class OverlayForm
{
    private static readonly string[] s_places = ["root", "real", "state", "log"];

    /// <summary>The root that a store's URL names; null for the physical form, and where the URL names its directories one by one.</summary>
    internal static string? RootOf(StoreLocation store) => ParametersOf(store).GetValueOrDefault("root");

    /// <summary>The store as it is called where <c>ROOT/nix</c> is at /nix.</summary>
    internal static StoreLocation Physical(StoreLocation store) => With(store, null);

    /// <summary>The store as it is called from outside of its root.</summary>
    internal static StoreLocation Relocated(StoreLocation store, string root) => With(store, root);

    /// <summary>The store for somebody who cannot have a mount that Nix's check knows.</summary>
    internal static StoreLocation Unchecked(StoreLocation store)
        => Locate(new Dictionary<string, string>(ParametersOf(store)) { ["check-mount"] = "false" });

    private static StoreLocation With(StoreLocation store, string? root)
    {
        var parameters = ParametersOf(store).Where(parameter => !s_places.Contains(parameter.Key)).ToDictionary(StringComparer.Ordinal);
        if (root is not null)
        {
            parameters["root"] = root;
        }

        return Locate(parameters);
    }

    private static IReadOnlyDictionary<string, string> ParametersOf(StoreLocation store) => StoreUrl.Parse(store.Url).Parameters;

    private static StoreLocation Locate(Dictionary<string, string> parameters)
        => StoreLocator.Locate(new StoreUrl("local-overlay", "", parameters).ToString());
}
