using NixStore.Engine.Upkeep;

namespace NixStore.Engine.Overlay.Configuration;

/// <summary>Where an overlay store's directories are on the machine that mounts it.</summary>
/// <param name="Store">The store.</param>
/// <param name="MountPoint">Where the overlay goes.</param>
/// <param name="StateDirectory">The state of the upper layer.</param>
/// <param name="BindsNix">True when the machine itself has the store at its physical place: the directory above both becomes that.</param>
internal sealed record MachinePlaces(OverlayStore Store, string MountPoint, string StateDirectory, bool BindsNix)
{
    /// <summary>Where the state directory is when no URL says anything else.</summary>
    internal const string DefaultState = "/nix/var/nix";

    private static readonly string[] s_remote = ["nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "afs", "lustre", "glusterfs"];

    /// <summary>The directory whose <c>store</c> and <c>var/nix</c> the others are; null when they are not below one.</summary>
    internal string? Nix => MountPoint.EndsWith("/store", StringComparison.Ordinal) && StateDirectory == MountPoint[..^"/store".Length] + "/var/nix"
        ? MountPoint[..^"/store".Length] : null;

    /// <summary>The work directory.</summary>
    /// <exception cref="NixStoreException">OverlayWorkDirectoryUnknown</exception>
    internal string WorkDirectory => Store.WorkDirectory ?? throw new NixStoreException("OverlayWorkDirectoryUnknown", StoreErrorKind.NotFound,
        $"Nothing says which work directory the overlay store '{Store.Store}' is mounted with.", Store.Store,
        "Mount the store and try again, or pipe what New-OverlayStore has given.");

    /// <summary>Whether the lower store is on another machine, so that it can only be mounted when there is a network.</summary>
    internal bool IsLowerRemote => MountTable.Read().Of(Store.LowerDirectory) is { } mount
        && (s_remote.Contains(mount.Type) || mount.Type.StartsWith("fuse.", StringComparison.Ordinal));

    /// <summary>Finds them.</summary>
    /// <exception cref="NixStoreException">OverlayPathUnknown</exception>
    internal static MachinePlaces Of(OverlayDeployment deployment)
    {
        var store = deployment.Store;
        if (store.Root is not null || store.RealDirectory != store.Directory)
        {
            return new MachinePlaces(store, store.RealDirectory, store.StateDirectory, false);
        }

        var path = deployment.Path ?? store.Path ?? (store.UpperLayer.EndsWith("/upper", StringComparison.Ordinal) ? store.UpperLayer[..^"/upper".Length] : null)
            ?? throw new NixStoreException("OverlayPathUnknown", StoreErrorKind.InvalidArgument,
                $"Nothing says below which directory of the machine the overlay store '{store.Store}' was made.", store.Store,
                "Give -Path: the directory whose nix becomes /nix.");
        return new MachinePlaces(store, $"{path}/nix/store", $"{path}/nix/var/nix", true);
    }

    /// <summary>The same for who mounts the store on a machine where it is at its physical place: the lower store must not get hidden.</summary>
    /// <exception cref="NixStoreException">OverlayPathUnknown, OverlayNotExpressible</exception>
    internal static MachinePlaces ForMachine(OverlayDeployment deployment)
    {
        var places = Of(deployment);
        if (places.BindsNix && (places.Store.Directory != "/nix/store" || places.Store.StateDirectory != DefaultState))
        {
            throw Inexpressible.Because(
                $"The overlay store '{places.Store.Store}' is neither below a root nor at /nix/store with its state in {DefaultState}.", places.Store.Store,
                "Make the store without -Physical.");
        }

        if (places.BindsNix && (IsWithin(places.Store.LowerDirectory, "/nix") || IsWithin(places.Store.UpperLayer, "/nix")))
        {
            throw Inexpressible.Because(
                $"Mounting '{places.Nix}' at /nix would hide the layers of the overlay store in '{places.Store.LowerDirectory}' and '{places.Store.UpperLayer}'.",
                places.Store.LowerDirectory, "Make the store without -Physical, or write a configuration for containers, which have a /nix of their own.");
        }

        return places;
    }

    /// <summary>Whether a path is a directory or below it.</summary>
    internal static bool IsWithin(string path, string directory)
        => path == directory || path.StartsWith(directory.TrimEnd('/') + "/", StringComparison.Ordinal);
}
