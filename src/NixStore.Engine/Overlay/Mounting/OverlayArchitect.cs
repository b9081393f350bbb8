using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Mounting;

/// <summary>Says where everything of a new overlay store is to be, once it has found that it can be there. It changes nothing.</summary>
internal static class OverlayArchitect
{
    private const string Slash = "/";

    /// <summary>Finds out.</summary>
    /// <exception cref="NixStoreException">
    /// LowerStoreNotFound, LowerStoreIsOverlay, OverlayNameUnmatchable, OverlaySymbolicLink, OverlayLayersOverlap, UpperLayerUnfit,
    /// OverlayFileSystemsDiffer, OverlayHidden, RemountHookNotFound
    /// </exception>
    /// <exception cref="StoreIOException"/>
    internal static OverlayLayout Plan(OverlayRequest request)
    {
        var root = Clean(request.Path);
        var lower = LowerChoice.Take(request.LowerStore);
        var hook = request.RemountHook is null ? $"{root}/remount.sh" : Clean(request.RemountHook);
        var made = Locate(request, root, lower, hook);
        var layout = new OverlayLayout(
            request.IsPhysical ? OverlayForm.Physical(made) : made, made, root,
            request.WorkDirectory is null ? $"{root}/work" : Clean(request.WorkDirectory), request.RemountHook is null);

        var (layers, lowerDirectory) = (layout.Layers, layout.Layers.Lower.RealDirectory);
        OverlayPlaces.EnsureNoLinks(root, layers.UpperLayer, layout.WorkDirectory, lowerDirectory);
        OverlayPlaces.EnsureApart(layers.UpperLayer, layout.WorkDirectory, lowerDirectory, made.RealDirectory);
        if (request.ChecksMount)
        {
            OverlayPlaces.EnsureMatchable(layout.Store.RealDirectory, lowerDirectory, layers.UpperLayer);
        }

        OverlayPlaces.EnsureFit(layers.UpperLayer, layout.WorkDirectory, mayBeFuse: !request.ChecksMount);
        if (request.IsPhysical)
        {
            EnsureVisible(layout, layers.UpperLayer, layout.WorkDirectory, lowerDirectory, hook);
        }

        if (!layout.MakesHook && !RemountHook.Exists(hook))
        {
            throw new NixStoreException("RemountHookNotFound", StoreErrorKind.NotFound, $"There is no program '{hook}'.", hook,
                "Leave out -RemountHook: a script that remounts is made.");
        }

        return layout;
    }

    private static StoreLocation Locate(OverlayRequest request, string root, LowerChoice lower, string hook)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["root"] = root,
            ["lower-store"] = lower.Url,
            ["upper-layer"] = request.UpperLayer is null ? $"{root}/upper" : Clean(request.UpperLayer),
            ["remount-hook"] = hook,
        };
        if (!request.ChecksMount)
        {
            parameters["check-mount"] = "false";
        }

        if (lower.Location.Directory.Path != "/nix/store")
        {
            parameters["store"] = lower.Location.Directory.Path;
        }

        return StoreLocator.Locate(new StoreUrl("local-overlay", "", parameters).ToString());
    }

    /// <summary>What is below /nix is not to be seen where the store is.</summary>
    private static void EnsureVisible(OverlayLayout layout, params string[] paths)
    {
        if (layout.Store.Directory.Path != "/nix/store")
        {
            throw new NixStoreException("OverlayHidden", StoreErrorKind.InvalidArgument,
                $"The lower store has its paths in {layout.Store.Directory}: what is bind-mounted at /nix has them in /nix/store.", layout.Store.Url,
                "Leave out -Physical.");
        }

        if (paths.FirstOrDefault(path => path.StartsWith("/nix/", StringComparison.Ordinal)) is { } hidden)
        {
            throw new NixStoreException("OverlayHidden", StoreErrorKind.InvalidArgument,
                $"'{hidden}' cannot be seen where '{layout.Root}/nix' is bind-mounted at /nix.", hidden,
                "Bind-mount the lower store to another place and name that, as mount --bind /nix /srv/lower/nix; or leave out -Physical.");
        }
    }

    private static string Clean(string path)
        => Path.GetFullPath(path) is { Length: > 1 } full ? full.TrimEnd('/') : Slash;
}
